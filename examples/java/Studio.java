import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.WebSocket;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;

/**
 * Calls a command and follows events with the JDK alone (11 or newer).
 *
 * <p>Usage: GATEWAY=http://studio-gw:8080 TOKEN=… java Studio.java
 */
public class Studio {
  static final String GATEWAY = System.getenv().getOrDefault("GATEWAY", "http://127.0.0.1:8080").replaceAll("/$", "");
  static final String TOKEN = System.getenv("TOKEN");

  /** HTTP/1.1: some proxies refuse the upgrade to HTTP/2 that Java offers by itself. */
  static final HttpClient HTTP = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  /** Runs a command by its name; answers its response as JSON, "" when there is none. */
  static String call(String command, String arguments) throws Exception {
    var request =
        HttpRequest.newBuilder(URI.create(GATEWAY + "/v1/commands/" + command))
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString("{\"Arguments\":" + arguments + "}"));
    if (TOKEN != null) request.header("Authorization", "Bearer " + TOKEN);
    var answer = HTTP.send(request.build(), BodyHandlers.ofString());
    // The body of a failure is a problem: its `outcome` says whether the command may have run.
    if (answer.statusCode() >= 300) throw new IllegalStateException(answer.body());
    return answer.body();
  }

  public static void main(String[] args) throws Exception {
    System.out.println(call("GetDeviceName", "{\"DeviceId\":1}"));

    var closed = new CountDownLatch(1);
    var builder = HTTP.newWebSocketBuilder();
    if (TOKEN != null) builder.header("Authorization", "Bearer " + TOKEN);
    var socket = builder.buildAsync(URI.create(GATEWAY.replaceFirst("^http", "ws") + "/v1/ws"), new Printer(closed)).join();
    socket.sendText("{\"op\":\"subscribe\",\"id\":1,\"channels\":[\"Logs/*\"]}", true);
    closed.await();
  }

  /** Prints each message. A long one arrives in parts. */
  static class Printer implements WebSocket.Listener {
    private final StringBuilder message = new StringBuilder();
    private final CountDownLatch closed;

    Printer(CountDownLatch closed) {
      this.closed = closed;
    }

    @Override
    public CompletionStage<?> onText(WebSocket socket, CharSequence part, boolean isLast) {
      message.append(part);
      if (isLast) {
        System.out.println(message);
        message.setLength(0);
      }
      socket.request(1);
      return null;
    }

    @Override
    public CompletionStage<?> onClose(WebSocket socket, int code, String reason) {
      System.out.println("closed: " + code + " " + reason);
      closed.countDown();
      return null;
    }

    @Override
    public void onError(WebSocket socket, Throwable error) {
      System.err.println(error);
      closed.countDown();
    }
  }
}
