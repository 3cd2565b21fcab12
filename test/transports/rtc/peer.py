"""A foreign peer for the tests: RTCBot or aiortc as they come from PyPI, told what to do by lines of JSON.

    peer.py rtcbot|aiortc URL [VIDEO]     sends an offer to URL and opens the data channel
    peer.py robot WEBSOCKET_URL           registers as a robot with rtcbot.Websocket and answers one offer

Standard input: {"put": value} sends a value, {"raw": text} a text as it is, {"close": true} closes.
Standard output: {"answer": keys}, {"open": true}, {"got": value}, {"closed": true}.
"""
import asyncio
import json
import sys

import aiohttp
from aiortc import RTCConfiguration, RTCIceServer, RTCPeerConnection, RTCSessionDescription


def tell(**line):
    print(json.dumps(line), flush=True)


async def lines():
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    while line := await reader.readline():
        yield json.loads(line)


async def exchange(url, offer):
    """As RTCBot's tutorials do: JSON without a content type of its own."""
    async with aiohttp.ClientSession() as session:
        async with session.post(url, data=json.dumps(offer)) as response:
            answer = await response.json()
    tell(answer=sorted(answer))
    return answer


async def rtcbot_peer(url, with_video):
    from rtcbot import RTCConnection

    connection = RTCConnection(rtcConfiguration=RTCConfiguration([]))
    connection.subscribe(lambda message: tell(got=message))
    connection.onReady(lambda: tell(open=True))
    connection.onClose(lambda: tell(closed=True))
    if with_video:
        connection.video.subscribe(lambda frame: None)
    await connection.setRemoteDescription(await exchange(url, await connection.getLocalDescription()))
    async for line in lines():
        if "put" in line:
            connection.put_nowait(line["put"])
        else:
            await connection.close()


async def aiortc_peer(url, servers):
    connection = RTCPeerConnection(RTCConfiguration([RTCIceServer(**each) for each in servers]))
    channel = connection.createDataChannel("default")
    channel.on("message", lambda text: tell(got=text))
    channel.on("open", lambda: tell(open=True))
    channel.on("close", lambda: tell(closed=True))
    await connection.setLocalDescription(await connection.createOffer())
    local = connection.localDescription
    answer = await exchange(url, {"sdp": local.sdp, "type": local.type})
    await connection.setRemoteDescription(RTCSessionDescription(**answer))
    async for line in lines():
        if "raw" in line:
            channel.send(line["raw"])
        else:
            channel.close()
            await connection.close()


async def robot(url):
    """The robot of the tutorial "Connecting over 4G"."""
    from rtcbot import RTCConnection, Websocket

    connection = RTCConnection(rtcConfiguration=RTCConfiguration([]))
    connection.subscribe(lambda message: connection.put_nowait({"echo": message}))
    socket = Websocket(url)
    tell(open=True)
    offer = await socket.get()
    await connection.setRemoteDescription(offer)
    socket.put_nowait(await connection.getLocalDescription())
    await socket.close()
    async for _ in lines():
        await connection.close()


kind, url, *rest = sys.argv[1:]
if kind == "rtcbot":
    asyncio.run(rtcbot_peer(url, rest == ["video"]))
elif kind == "aiortc":
    asyncio.run(aiortc_peer(url, json.loads(rest[0]) if rest else []))
else:
    asyncio.run(robot(url))
