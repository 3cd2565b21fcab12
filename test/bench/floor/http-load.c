/*
 * A load generator for HTTP/1.1: connections that are kept, one request in flight on each. It is told what to do by lines
 * of its input, answers each by a line of JSON, and ends with its input:
 *   begin <port> <connections> <1: all ask for the same device>
 *   count    answers so far; latencies are counted from the first on
 *   end      stops, closes, tells p50 and p99 in milliseconds
 */
#include "net.h"

enum { MAX_ANSWER = 4096, MAX_REQUEST = 128, MAX_MICROSECONDS = 1000000, LAST_ANSWERS_MS = 50 };

struct connection {
  int fd, request_size, answer_size;
  double sent_at;
  char request[MAX_REQUEST], answer[MAX_ANSWER + 1];
};

static struct connection *connections;
static int connection_count, waiting, is_asking, is_counting, epoll;
static unsigned long answers;
static uint32_t latencies[MAX_MICROSECONDS + 1], latency_count;

static double microseconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * 1e6 + now.tv_nsec / 1e3;
}

static void wrong(const char *what, const char *text) {
  fprintf(stderr, "%s: %.200s\n", what, text);
  exit(1);
}

static void ask(struct connection *of) {
  of->sent_at = microseconds();
  if (!write_all(of->fd, of->request, of->request_size)) wrong("a connection was lost", of->request);
  waiting++;
}

static void begin(int port, int count, int is_shared) {
  connections = calloc(connection_count = count, sizeof *connections);
  if (connections == NULL) fail("calloc");
  for (int i = 0; i < count; i++) {
    struct connection *each = &connections[i];
    each->request_size = snprintf(each->request, MAX_REQUEST, "GET /v1/devices/%d/name HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n\r\n",
                                  is_shared ? 1 : i + 1, port);
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = each};
    if (epoll_ctl(epoll, EPOLL_CTL_ADD, each->fd = connect_to(port), &event) < 0) fail("epoll_ctl");
  }
  is_asking = 1;
  for (int i = 0; i < count; i++) ask(&connections[i]);
}

/* Bytes of the whole answer; 0 while its head is not there. */
static size_t size_of(char *answer) {
  char *head = strstr(answer, "\r\n\r\n");
  if (head == NULL) return 0;
  if (strncmp(answer, "HTTP/1.1 200", 12) != 0) wrong("an answer", answer);
  char *length = strcasestr(answer, "content-length: ");
  if (length == NULL || length > head) wrong("no length", answer);
  return head + 4 - answer + atoi(length + 16);
}

static void on_answer(struct connection *of) {
  ssize_t got = read(of->fd, of->answer + of->answer_size, MAX_ANSWER - of->answer_size);
  if (got < 0 && errno == EAGAIN) return;
  if (got <= 0) wrong("a connection ended", of->answer);
  of->answer[of->answer_size += got] = 0;
  size_t size = size_of(of->answer);
  if (size == 0 || of->answer_size < (int)size) {
    if (of->answer_size == MAX_ANSWER) wrong("too long an answer", of->answer);
    return;
  }
  of->answer_size = 0;
  waiting--;
  answers++;
  if (is_counting) {
    double latency = microseconds() - of->sent_at;
    latencies[latency < MAX_MICROSECONDS ? (int)latency : MAX_MICROSECONDS]++;
    latency_count++;
  }
  if (is_asking) ask(of);
}

static double quantile(double share) {
  double left = share * latency_count;
  int at = 0;
  while (at < MAX_MICROSECONDS && (left -= latencies[at]) >= 0) at++;
  return at / 1e3;
}

/* Handles what is ready; false when the input has something. */
static int turn(int timeout) {
  struct epoll_event events[256];
  int is_told = 0, ready_count = epoll_wait(epoll, events, 256, timeout);
  for (int i = 0; i < ready_count; i++)
    if (events[i].data.ptr == NULL) is_told = 1;
    else on_answer(events[i].data.ptr);
  return !is_told;
}

static void finish(void) {
  is_asking = 0;
  for (double until = microseconds() + LAST_ANSWERS_MS * 1e3; waiting > 0 && microseconds() < until;) turn(1);
  for (int i = 0; i < connection_count; i++) close(connections[i].fd);
  free(connections);
  printf("{\"p50\":%.3f,\"p99\":%.3f}\n", quantile(0.5), quantile(0.99));
  memset(latencies, 0, sizeof latencies);
  connection_count = waiting = is_counting = latency_count = answers = 0;
}

static void obey(const char *line) {
  int port, count, is_shared;
  if (sscanf(line, "begin %d %d %d", &port, &count, &is_shared) == 3) {
    begin(port, count, is_shared);
    printf("null\n");
  } else if (strncmp(line, "count", 5) == 0) {
    is_counting = 1;
    printf("{\"count\":%lu,\"at\":%.3f}\n", answers, microseconds() / 1e3);
  } else if (strncmp(line, "end", 3) == 0) {
    finish();
  } else {
    wrong("unknown", line);
  }
  fflush(stdout);
}

int main(void) {
  struct epoll_event input = {.events = EPOLLIN, .data.ptr = NULL};
  if (epoll_ctl(epoll = epoll_create1(0), EPOLL_CTL_ADD, 0, &input) < 0) fail("epoll_ctl");
  for (;;) {
    if (turn(-1)) continue;
    /* One line is told at a time, and answered before the next. */
    char line[128];
    ssize_t size = read(0, line, sizeof line - 1);
    if (size <= 0) return 0;
    line[size] = 0;
    obey(line);
  }
}
