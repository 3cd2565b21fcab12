/*
 * The least that one event to many WebSocket clients can cost: epoll, one frame for all, one write for each client and
 * read of the studio. `fan-out <port of the studio>`; it tells its own port and runs until its input ends.
 */
#include "net.h"

#define HEAD "{\"op\":\"event\",\"channel\":\"Bench/c0\",\"cursor\":\"3xk1:1000000\",\"receivedAt\":1700000000000,\"event\":"
#define SUBSCRIBE "{\"Command\":\"Subscribe\",\"TrackId\":\"1\",\"Version\":1}"
#define UPGRADED "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n"
#define SUBSCRIBED "\x81\x13{\"op\":\"subscribed\"}"

enum { NONE, SHAKING_HANDS, OPEN, SUBSCRIBED_TO };

static char state[MAX_FDS];
static unsigned char input[1 << 18], received[1 << 18];
static size_t received_size;
static char output[1 << 20];

static void end(int fd) {
  state[fd] = NONE;
  close(fd);
}

/* Clients of the bench send whole frames, short ones. */
static void on_frames(int fd, unsigned char *at, size_t size) {
  while (size >= 6) {
    int opcode = at[0] & 15;
    size_t length = at[1] & 127, start = length == 126 ? 8 : 6;
    if (length == 126) length = at[2] << 8 | at[3];
    if (size < start + length) return;
    if (opcode == 1) {
      state[fd] = SUBSCRIBED_TO;
      write_all(fd, SUBSCRIBED, sizeof SUBSCRIBED - 1);
    } else if (opcode == 9 && length < 126) {
      char pong[128] = {(char)0x8a, (char)length};
      for (size_t i = 0; i < length; i++) pong[2 + i] = at[start + i] ^ at[start - 4 + i % 4];
      write_all(fd, pong, 2 + length);
    }
    at += start + length;
    size -= start + length;
  }
}

static void on_client(int fd) {
  ssize_t size = read(fd, input, sizeof input - 1);
  if (size <= 0) {
    if (size == 0 || errno != EAGAIN) end(fd);
    return;
  }
  input[size] = 0;
  if (state[fd] != SHAKING_HANDS) return on_frames(fd, input, size);
  unsigned char *rest = (unsigned char *)strstr((char *)input, "\r\n\r\n");
  if (rest == NULL) return end(fd);
  write_all(fd, UPGRADED, sizeof UPGRADED - 1);
  state[fd] = OPEN;
  on_frames(fd, rest + 4, input + size - rest - 4);
}

static size_t frame(char *at, const unsigned char *event, size_t size) {
  size_t length = sizeof HEAD - 1 + size + 1;
  at[0] = (char)0x81;
  at[1] = 126;
  at[2] = length >> 8;
  at[3] = length;
  memcpy(at + 4, HEAD, sizeof HEAD - 1);
  memcpy(at + 4 + sizeof HEAD - 1, event, size);
  at[4 + length - 1] = '}';
  return 4 + length;
}

static void on_studio(int fd) {
  ssize_t size = read(fd, received + received_size, sizeof received - received_size);
  if (size <= 0) exit(0);
  received_size += size;
  size_t at = 0, out = 0;
  while (received_size - at >= 8) {
    size_t length = little_endian(received + at + 4);
    if (received_size - at < 8 + length) break;
    if (received[at + 3] == 4) out += frame(output + out, received + at + 8, length);
    at += 8 + length;
  }
  memmove(received, received + at, received_size -= at);
  if (out == 0) return;
  for (int each = 0; each < MAX_FDS; each++)
    if (state[each] == SUBSCRIBED_TO && !write_all(each, output, out)) end(each);
}

int main(int count, char **arguments) {
  if (count != 2) return 2;
  int epoll = epoll_create1(0), server = listen_anywhere(), studio = connect_to(atoi(arguments[1]));
  char command[8 + sizeof SUBSCRIBE - 1] = {(char)0xdc, 1, 8, 1, sizeof SUBSCRIBE - 1};
  memcpy(command + 8, SUBSCRIBE, sizeof SUBSCRIBE - 1);
  write_all(studio, command, sizeof command);
  watch(epoll, server);
  watch(epoll, studio);
  watch(epoll, 0);
  for (;;) {
    struct epoll_event events[256];
    int ready_count = epoll_wait(epoll, events, 256, -1);
    for (int i = 0; i < ready_count; i++) {
      int fd = events[i].data.fd;
      if (fd == 0) return 0;
      if (fd == studio) on_studio(fd);
      else if (fd != server) on_client(fd);
      else
        for (int client; (client = accept(server, NULL, NULL)) >= 0;) {
          if (client >= MAX_FDS) {
            close(client);
            continue;
          }
          state[client] = SHAKING_HANDS;
          watch(epoll, ready(client));
        }
    }
  }
}
