// Puts an object and gets it, as code for production does; prints it and both statuses.
const url = 'https://api.cache.cell-4-us-west-2-1.prod.a.momentohq.com/objectstore/web-assets/greeting.txt';
const headers = {Authorization: process.env.MOMENTO_API_KEY};

const stored = await fetch(url, {method: 'PUT', headers, body: process.argv[2]});
const found = await fetch(url, {headers});
console.log([stored.status, await found.text(), found.status].join('\n'));
