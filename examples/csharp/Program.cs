// Calls a command and follows events with .NET alone (8 or newer).
// Usage: GATEWAY=http://studio-gw:8080 TOKEN=… dotnet run
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;

var gateway = new Uri(Environment.GetEnvironmentVariable("GATEWAY") ?? "http://127.0.0.1:8080");
var token = Environment.GetEnvironmentVariable("TOKEN");

using var http = new HttpClient { BaseAddress = gateway };
if (token is not null)
    http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);

var answer = await Call("GetDeviceName", new { DeviceId = 1 });
Console.WriteLine(answer?.GetProperty("DeviceName").GetString());

using var socket = new ClientWebSocket();
if (token is not null)
    socket.Options.SetRequestHeader("Authorization", $"Bearer {token}");
var address = new UriBuilder(gateway) { Scheme = gateway.Scheme == "https" ? "wss" : "ws", Path = "/v1/ws" };
await socket.ConnectAsync(address.Uri, CancellationToken.None);
var subscribe = JsonSerializer.SerializeToUtf8Bytes(new { op = "subscribe", id = 1, channels = new[] { "Logs/*" } });
await socket.SendAsync(subscribe, WebSocketMessageType.Text, true, CancellationToken.None);

var buffer = new byte[64 * 1024];
using var message = new MemoryStream();
while (socket.State == WebSocketState.Open)
{
    var part = await socket.ReceiveAsync(buffer, CancellationToken.None);
    if (part.MessageType == WebSocketMessageType.Close) break;
    message.Write(buffer, 0, part.Count);
    if (!part.EndOfMessage) continue;
    Console.WriteLine(Encoding.UTF8.GetString(message.ToArray()));
    message.SetLength(0);
}

// Null when the command has no response. The body of a failure is a problem: its `outcome` says whether the command may have run.
async Task<JsonElement?> Call(string command, object arguments)
{
    using var response = await http.PostAsJsonAsync(
        $"/v1/commands/{command}",
        new { Arguments = arguments },
        new JsonSerializerOptions { PropertyNamingPolicy = null });
    if (!response.IsSuccessStatusCode)
        throw new InvalidOperationException(await response.Content.ReadAsStringAsync());
    return response.StatusCode == System.Net.HttpStatusCode.NoContent
        ? null
        : await response.Content.ReadFromJsonAsync<JsonElement>();
}
