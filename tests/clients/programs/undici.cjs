// Puts an object and gets it with undici itself; prints it and both statuses.
const {EnvHttpProxyAgent, request} = require('undici');

const url = 'https://api.cache.cell-4-us-west-2-1.prod.a.momentohq.com/objectstore/web-assets/greeting.txt';

(async () => {
  const options = {
    dispatcher: new EnvHttpProxyAgent(),
    headers: {Authorization: process.env.MOMENTO_API_KEY},
  };
  const stored = await request(url, {...options, method: 'PUT', body: process.argv[2]});
  await stored.body.dump();
  const found = await request(url, options);
  console.log([stored.statusCode, await found.body.text(), found.statusCode].join('\n'));
  await options.dispatcher.close();
})();
