/*
 * An echo load that shares nothing with framewright: epoll, one thread, frames built once, and every reply counted. Keeps
 * DEPTH messages of SIZE octets under way on each of COUNT connections to a server on 127.0.0.1, and prints how many
 * replies a second it counted.
 *
 *   cc -O2 -o counting-client counting-client.c && ./counting-client PORT COUNT DEPTH SIZE WARM-UP SECONDS
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>

struct peer {
    int fd;
    size_t got;  /* octets of the reply that is coming */
    size_t owed; /* octets that are still to be written */
    size_t at;   /* where in the frame the next of them is */
};

static unsigned char *frames; /* DEPTH + 1 of them, one behind the other */
static size_t frame_length, reply_length, depth;

static void die(const char *what) {
    perror(what);
    exit(1);
}

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec + t.tv_nsec / 1e9;
}

/* RFC 6455 5.2: the header of a whole binary message; masked if it is ours. */
static size_t header(unsigned char *to, size_t size, int masked) {
    size_t length = 2;
    to[0] = 0x82;
    if (size < 126) to[1] = size;
    else if (size < 65536) { to[1] = 126; to[2] = size >> 8; to[3] = size; length = 4; }
    else { to[1] = 127; for (int i = 0; i < 8; i++) to[2 + i] = (uint64_t)size >> (56 - 8 * i); length = 10; }
    if (!masked) return length;
    to[1] |= 0x80;
    memcpy(to + length, "\x37\xfa\x21\x3d", 4);
    return length + 4;
}

static int connected(int port) {
    char text[1024];
    size_t length = 0;
    int one = 1, fd = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(port) };
    inet_pton(AF_INET, "127.0.0.1", &to.sin_addr);
    if (connect(fd, (void *)&to, sizeof to)) die("connect");
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    int asked = snprintf(text, sizeof text,
        "GET / HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n", port);
    if (write(fd, text, asked) != asked) die("request");
    do { /* an octet at a time, so that nothing behind the head is taken */
        if (length == sizeof text - 1 || read(fd, text + length, 1) != 1) die("response");
        text[++length] = 0;
    } while (!strstr(text, "\r\n\r\n"));
    if (strncmp(text, "HTTP/1.1 101 ", 13)) { fprintf(stderr, "refused: %s", text); exit(1); }
    fcntl(fd, F_SETFL, O_NONBLOCK);
    return fd;
}

static void flush(struct peer *peer) {
    while (peer->owed > 0) {
        size_t part = (depth + 1) * frame_length - peer->at;
        if (part > peer->owed) part = peer->owed;
        ssize_t wrote = write(peer->fd, frames + peer->at, part);
        if (wrote < 0) return;
        peer->owed -= wrote;
        peer->at = (peer->at + wrote) % frame_length;
    }
}

int main(int count, char **args) {
    if (count != 7) { fprintf(stderr, "%s PORT COUNT DEPTH SIZE WARM-UP SECONDS\n", args[0]); return 2; }
    int port = atoi(args[1]), peers = atoi(args[2]);
    size_t size = atoi(args[4]);
    double warm_up = atof(args[5]), seconds = atof(args[6]);
    unsigned char head[14], *read_into = malloc(1 << 18);
    depth = atoi(args[3]);
    reply_length = header(head, size, 0) + size;
    size_t head_length = header(head, size, 1);
    frame_length = head_length + size;
    frames = calloc(depth + 1, frame_length);
    for (size_t i = 0; i <= depth; i++) memcpy(frames + i * frame_length, head, head_length);
    struct peer *all = calloc(peers, sizeof *all);
    int poll = epoll_create1(0);
    for (int i = 0; i < peers; i++) {
        struct epoll_event event = { .events = EPOLLIN | EPOLLOUT | EPOLLET, .data.ptr = &all[i] };
        all[i].fd = connected(port);
        all[i].owed = depth * frame_length;
        epoll_ctl(poll, EPOLL_CTL_ADD, all[i].fd, &event);
    }
    double from = now() + warm_up, until = from + seconds, time;
    uint64_t replies = 0;
    while ((time = now()) < until) {
        struct epoll_event events[256];
        int ready = epoll_wait(poll, events, 256, 100);
        for (int i = 0; i < ready; i++) {
            struct peer *peer = events[i].data.ptr;
            ssize_t got;
            while ((got = read(peer->fd, read_into, 1 << 18)) > 0) {
                peer->got += got;
                size_t whole = peer->got / reply_length;
                peer->got %= reply_length;
                if (time >= from) replies += whole;
                peer->owed += whole * frame_length;
                if (got < 1 << 18) break; /* that was all, and what comes later is an event of its own */
            }
            if (got == 0) { fprintf(stderr, "the server has ended a connection\n"); return 1; }
            flush(peer);
        }
    }
    printf("%.1f\n", replies / seconds);
    return 0;
}
