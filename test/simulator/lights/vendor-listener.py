import socket
import json

HOST = "0.0.0.0"
PORT = 5000

with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as server:
    server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    server.bind((HOST, PORT))
    server.listen()
    print(f"Listening on port {PORT}...")

    while True:
        conn, addr = server.accept()
        with conn:
            data = b""
            while chunk := conn.recv(4096):
                data += chunk

        payload = json.loads(data.decode("utf-8"))
        type_ = payload.get("type_")

        if type_ == "output":
            print(f"[{payload['name']}] output: {payload['output']}")
        elif type_ == "message":
            print(f"[{payload['name']}] message: {payload['message']}")
