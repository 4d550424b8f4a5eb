// Puts an object and gets it, as code for production does; prints it and both statuses.
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;

public class Client {
    static final String URL =
        "https://api.cache.cell-4-us-west-2-1.prod.a.momentohq.com/objectstore/web-assets/greeting.txt";

    public static void main(String[] arguments) throws Exception {
        var client = HttpClient.newHttpClient();
        var request = HttpRequest.newBuilder(URI.create(URL))
            .header("Authorization", System.getenv("MOMENTO_API_KEY"));
        var put = request.copy().PUT(BodyPublishers.ofString(arguments[0])).build();
        var stored = client.send(put, BodyHandlers.discarding());
        var found = client.send(request.GET().build(), BodyHandlers.ofString());
        System.out.printf("%d%n%s%n%d%n", stored.statusCode(), found.body(), found.statusCode());
    }
}
