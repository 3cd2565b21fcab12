// A component that calls commands and raises events in Unity 2021.3 or newer; no package is needed.
// Put it on a GameObject, set the gateway's address, and read `Messages` in your own Update.
using System;
using System.Collections;
using System.Collections.Concurrent;
using System.IO;
using System.Net.WebSockets;
using System.Text;
using System.Threading;
using System.Threading.Tasks;
using UnityEngine;
using UnityEngine.Networking;

public class RcspStudio : MonoBehaviour
{
    public string gateway = "http://127.0.0.1:8080";
    [Tooltip("Where the gateway needs one. Keep it out of scenes that you publish.")]
    public string token = "";
    public string channel = "devices/*/DeviceEvents/*";

    /// <summary>Each message of the WebSocket, as JSON: "op" is "event", "gap" and so on.</summary>
    public readonly ConcurrentQueue<string> Messages = new ConcurrentQueue<string>();

    /// <summary>The newest messages win when nobody reads: the queue is bounded.</summary>
    private const int MaxMessages = 1000;

    private CancellationTokenSource stop;

    private void OnEnable()
    {
        stop = new CancellationTokenSource();
        _ = Listen(stop.Token);
    }

    private void OnDisable() => stop.Cancel();

    /// <summary>StartCoroutine(Call("SetColorLed", "{\"DeviceId\":2,\"LedId\":\"RingLed\",\"Red\":255,\"Green\":0,\"Blue\":0}", print))</summary>
    public IEnumerator Call(string command, string argumentsJson, Action<string> done)
    {
        byte[] body = Encoding.UTF8.GetBytes("{\"Arguments\":" + argumentsJson + "}");
        using var request = new UnityWebRequest($"{gateway}/v1/commands/{command}", "POST");
        request.uploadHandler = new UploadHandlerRaw(body);
        request.downloadHandler = new DownloadHandlerBuffer();
        request.SetRequestHeader("Content-Type", "application/json");
        if (token != "") request.SetRequestHeader("Authorization", "Bearer " + token);
        yield return request.SendWebRequest();
        // The body of a failure is a problem: its "outcome" says whether the command may have run.
        if (request.result != UnityWebRequest.Result.Success) Debug.LogWarning(request.downloadHandler.text);
        else done?.Invoke(request.downloadHandler.text);
    }

    private async Task Listen(CancellationToken stopped)
    {
        while (!stopped.IsCancellationRequested)
        {
            try { await ListenOnce(stopped); }
            catch (OperationCanceledException) { return; }
            catch (WebSocketException error) { Debug.LogWarning($"the gateway is away: {error.Message}"); }
            try { await Task.Delay(1000, stopped); } catch (OperationCanceledException) { return; }
        }
    }

    private async Task ListenOnce(CancellationToken stopped)
    {
        using var socket = new ClientWebSocket();
        if (token != "") socket.Options.SetRequestHeader("Authorization", "Bearer " + token);
        await socket.ConnectAsync(new Uri(gateway.Replace("http", "ws") + "/v1/ws"), stopped);
        byte[] subscribe = Encoding.UTF8.GetBytes("{\"op\":\"subscribe\",\"id\":1,\"mode\":\"latest\",\"channels\":[\"" + channel + "\"]}");
        await socket.SendAsync(new ArraySegment<byte>(subscribe), WebSocketMessageType.Text, true, stopped);
        var buffer = new ArraySegment<byte>(new byte[16 * 1024]);
        using var message = new MemoryStream();
        while (true)
        {
            WebSocketReceiveResult part = await socket.ReceiveAsync(buffer, stopped);
            if (part.MessageType == WebSocketMessageType.Close) return;
            message.Write(buffer.Array, 0, part.Count);
            if (!part.EndOfMessage) continue;
            Messages.Enqueue(Encoding.UTF8.GetString(message.ToArray()));
            message.SetLength(0);
            while (Messages.Count > MaxMessages) Messages.TryDequeue(out _);
        }
    }
}
