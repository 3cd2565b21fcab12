import asyncio, json, os, urllib.request
import websockets

GATEWAY = os.environ.get("GATEWAY", "http://127.0.0.1:8080").rstrip("/")
TOKEN = os.environ.get("TOKEN")
HEADERS = {"Authorization": f"Bearer {TOKEN}"} if TOKEN else {}
# websockets 14 renamed the argument
IS_NEW = int(websockets.__version__.split(".")[0]) >= 14
CONNECT = {"additional_headers" if IS_NEW else "extra_headers": HEADERS}


def command(name, **arguments):
    body = json.dumps({"Arguments": arguments}).encode()
    request = urllib.request.Request(
        f"{GATEWAY}/v1/commands/{name}", body, {**HEADERS, "Content-Type": "application/json"}
    )
    with urllib.request.urlopen(request) as answer:  # an HTTPError carries the problem as its body
        return json.load(answer) if answer.status == 200 else None


async def main():
    print(command("GetDeviceName", DeviceId=1)["DeviceName"])
    since = {}  # the newest cursor of each channel: nothing is missed when the connection is
    url = GATEWAY.replace("http", "ws", 1) + "/v1/ws"
    while True:
        try:
            async with websockets.connect(url, **CONNECT) as socket:
                await socket.send(json.dumps({"op": "subscribe", "id": 1, "channels": ["Logs/*"], "since": since}))
                async for text in socket:
                    message = json.loads(text)
                    if message["op"] == "subscribed":
                        for each in message["channels"]:
                            since = {**each["cursors"], **since}
                    elif message["op"] == "event":
                        since[message["channel"]] = message["cursor"]
                        print(message["channel"], message["event"]["EventData"], flush=True)
                    elif message["op"] == "gap":
                        since[message["channel"]] = message["to"]
                        print("missing:", message, flush=True)
        except (OSError, websockets.ConnectionClosed):
            pass
        await asyncio.sleep(1)


asyncio.run(main())
