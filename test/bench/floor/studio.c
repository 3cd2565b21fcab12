/*
 * An RCSP server that answers each command at once with the same name and the TrackId of the command, all answers of one
 * read in one write. It tells its port and runs until its input ends.
 */
#include "net.h"

#define NAME "\",\"Response\":{\"DeviceName\":\"Suit of performer 1\"}}"
#define BEFORE "{\"TrackId\":\""
#define TRACK_ID "\"TrackId\":\""
#define MAX_TRACK_ID 128

enum { HEADER = 8, RESPONSE_OK = 2, MAX_CUT = 1 << 12, MAX_READ = 1 << 16 };
/* The shortest command has a header and a TrackId: an answer is at most a few times as long. */
static char output[(MAX_READ + MAX_CUT) / 16 * (HEADER + sizeof BEFORE + MAX_TRACK_ID + sizeof NAME)];

/* The start of a frame whose rest is to come, by connection. */
static unsigned char *cut[MAX_FDS];
static size_t cut_size[MAX_FDS];

static void end(int fd) {
  free(cut[fd]);
  cut[fd] = NULL;
  cut_size[fd] = 0;
  close(fd);
}

static size_t answer(char *at, const unsigned char *command, size_t size) {
  const unsigned char *id = memmem(command, size, TRACK_ID, sizeof TRACK_ID - 1);
  if (id == NULL) return 0;
  id += sizeof TRACK_ID - 1;
  const unsigned char *quote = memchr(id, '"', command + size - id);
  if (quote == NULL || quote - id > MAX_TRACK_ID) return 0;
  size_t id_size = quote - id, length = sizeof BEFORE - 1 + id_size + sizeof NAME - 1;
  char header[HEADER] = {(char)0xdc, 1, HEADER, RESPONSE_OK, (char)length, (char)(length >> 8)};
  memcpy(at, header, HEADER);
  memcpy(at += HEADER, BEFORE, sizeof BEFORE - 1);
  memcpy(at += sizeof BEFORE - 1, id, id_size);
  memcpy(at + id_size, NAME, sizeof NAME - 1);
  return HEADER + length;
}

static void on_client(int fd) {
  static unsigned char input[MAX_CUT + MAX_READ];
  memcpy(input, cut[fd], cut_size[fd]);
  ssize_t got = read(fd, input + cut_size[fd], MAX_READ);
  if (got <= 0) {
    if (got == 0 || errno != EAGAIN) end(fd);
    return;
  }
  size_t size = cut_size[fd] + got, at = 0, out = 0;
  while (size - at >= HEADER) {
    size_t length = little_endian(input + at + 4);
    if (size - at - HEADER < length) break;
    out += answer(output + out, input + at + HEADER, length);
    at += HEADER + length;
  }
  if (size - at > MAX_CUT) return end(fd);
  memcpy(cut[fd], input + at, cut_size[fd] = size - at);
  if (out > 0 && !write_all(fd, output, out)) end(fd);
}

int main(void) {
  int epoll = epoll_create1(0), server = listen_anywhere();
  watch(epoll, server);
  watch(epoll, 0);
  for (;;) {
    struct epoll_event events[256];
    int ready_count = epoll_wait(epoll, events, 256, -1);
    for (int i = 0; i < ready_count; i++) {
      int fd = events[i].data.fd;
      if (fd == 0) return 0;
      if (fd != server) on_client(fd);
      else
        for (int client; (client = accept(server, NULL, NULL)) >= 0;) {
          if (client >= MAX_FDS || (cut[client] = malloc(MAX_CUT)) == NULL) close(client);
          else watch(epoll, ready(client));
        }
    }
  }
}
