/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/sim/net_internal.h"
#include "tools/sim/faults.h"

#include <errno.h>
#include <linux/sock_diag.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

enum { READ_ROUNDS = 2, PORT_TRIES = 64 };

uint64_t net_clock_ms(void)
{
	static uint64_t last;
	struct timespec t;
	clock_gettime(CLOCK_REALTIME, &t);
	uint64_t now = (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
	if (now > last)
		last = now;
	return last;
}

uint64_t net_clock_us(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

uint64_t net_random(struct net *n)
{
	n->random ^= n->random << 13;
	n->random ^= n->random >> 7;
	n->random ^= n->random << 17;
	return n->random;
}

bool net_is_lost(struct net *n)
{
	if (n->options.loss_percent <= 0)
		return false;
	return (double)(net_random(n) >> 11) * 0x1p-53 * 100 < n->options.loss_percent;
}

static int fail(char why[LIMIT_WHY], const char *what)
{
	int err = -errno;
	snprintf(why, LIMIT_WHY, "%s: %s", what, strerror(-err));
	return err;
}

static int open_socket(struct net *n, unsigned i, char why[LIMIT_WHY])
{
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return fail(why, "socket");
	n->socket[i] = fd;
	int on = 1, bytes = 16 << 20, df = IP_PMTUDISC_DO;
	socklen_t size = sizeof n->receive_bytes;
	struct sockaddr_in any = {.sin_family = AF_INET, .sin_port = htons(n->port)};
	/* SO_REUSEPORT is set after the bind of a port chosen by the kernel: before it, the kernel
	 * could choose a port that another simulator shares among its sockets. */
	bool is_chosen = n->port != 0;
	if (is_chosen && setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on) < 0)
		return fail(why, "SO_REUSEPORT");
	if (setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, "lo", 2) < 0)
		return fail(why, "SO_BINDTODEVICE lo");
	if (setsockopt(fd, IPPROTO_IP, IP_PKTINFO, &on, sizeof on) < 0)
		return fail(why, "IP_PKTINFO");
	/* DF datagrams need no IP identification, which costs 5 % of the CPU time. */
	if (setsockopt(fd, IPPROTO_IP, IP_MTU_DISCOVER, &df, sizeof df) < 0)
		return fail(why, "IP_MTU_DISCOVER");
	/* The first call needs CAP_NET_ADMIN; the second is limited by net.core.rmem_max. */
	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof bytes) < 0 &&
		setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof bytes) < 0)
		return fail(why, "SO_RCVBUF");
	if (setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &bytes, sizeof bytes) < 0 &&
		setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &bytes, sizeof bytes) < 0)
		return fail(why, "SO_SNDBUF");
	if (getsockopt(fd, SOL_SOCKET, SO_RCVBUF, &n->receive_bytes, &size) < 0)
		return fail(why, "SO_RCVBUF");
	if (bind(fd, (struct sockaddr *)&any, sizeof any) < 0)
		return fail(why, "bind");
	if (!is_chosen && setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on) < 0)
		return fail(why, "SO_REUSEPORT");
	socklen_t len = sizeof any;
	if (getsockname(fd, (struct sockaddr *)&any, &len) < 0)
		return fail(why, "getsockname");
	n->port = ntohs(any.sin_port);
	struct epoll_event ev = {.events = EPOLLIN, .data.u32 = i};
	return epoll_ctl(n->epoll, EPOLL_CTL_ADD, fd, &ev) < 0 ? fail(why, "epoll_ctl") : 0;
}

static int open_timer(struct net *n, char why[LIMIT_WHY])
{
	n->timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
	if (n->timer < 0)
		return fail(why, "timerfd_create");
	struct epoll_event ev = {.events = EPOLLIN, .data.u32 = NET_SOCKETS};
	if (epoll_ctl(n->epoll, EPOLL_CTL_ADD, n->timer, &ev) < 0)
		return fail(why, "epoll_ctl");
	return 0;
}

/* A second port, as the source of responses from a wrong port. */
static int open_stray(struct net *n, char why[LIMIT_WHY])
{
	struct sockaddr_in any = {.sin_family = AF_INET};
	n->stray = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (n->stray < 0 || setsockopt(n->stray, SOL_SOCKET, SO_BINDTODEVICE, "lo", 2) < 0 ||
		bind(n->stray, (struct sockaddr *)&any, sizeof any) < 0)
		return fail(why, "a second port");
	return 0;
}

static int open_one6(struct net *n, unsigned i, uint16_t port)
{
	int fd = socket(AF_INET6, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	n->socket6[i] = fd;
	struct sockaddr_in6 at = {.sin6_family = AF_INET6,
		.sin6_addr = IN6ADDR_LOOPBACK_INIT,
		.sin6_port = htons(port)};
	socklen_t len = sizeof at;
	struct epoll_event ev = {.events = EPOLLIN, .data.u32 = NET_SOCKETS + 1 + i};
	if (bind(fd, (struct sockaddr *)&at, sizeof at) < 0 ||
		getsockname(fd, (struct sockaddr *)&at, &len) < 0 ||
		epoll_ctl(n->epoll, EPOLL_CTL_ADD, fd, &ev) < 0)
		return -errno;
	if (i == 0)
		n->port6 = ntohs(at.sin6_port);
	return 0;
}

static void close6(struct net *n)
{
	for (unsigned i = 0; i < NET_V6; i++) {
		if (n->socket6[i] >= 0)
			close(n->socket6[i]);
		n->socket6[i] = -1;
	}
}

/* Consecutive ports on ::1, one per printer: the kernel chooses the first, again if a following one
 * is in use. */
static int open_v6(struct net *n, char why[LIMIT_WHY])
{
	int err = 0;
	for (unsigned attempt = 0; attempt < PORT_TRIES; attempt++) {
		err = 0;
		for (unsigned i = 0; err == 0 && i < n->options.v6; i++) {
			unsigned port = i == 0 ? 0 : n->port6 + i;
			err = port > UINT16_MAX ? -EADDRINUSE : open_one6(n, i, (uint16_t)port);
		}
		if (err != -EADDRINUSE)
			break;
		close6(n);
	}
	errno = -err;
	return err < 0 ? fail(why, "::1") : 0;
}

/* Prepares a message for recvmmsg, which overwrites its lengths. */
static void expect(struct net *n, unsigned i)
{
	n->in_msg[i].msg_hdr = (struct msghdr){.msg_name = &n->in_peer[i],
		.msg_namelen = sizeof n->in_peer[i],
		.msg_iov = &n->in_iov[i],
		.msg_iovlen = 1,
		.msg_control = n->in_control[i],
		.msg_controllen = sizeof n->in_control[i]};
}

struct net *net_open(struct responder *a, const struct net_options *o, char why[LIMIT_WHY])
{
	struct net *n = calloc(1, sizeof *n);
	if (n == NULL) {
		snprintf(why, LIMIT_WHY, "out of memory");
		return NULL;
	}
	n->responder = a;
	n->options = *o;
	n->port = o->port;
	n->random = fleet_hash(a->fleet->seed, 0x4e37) | 1;
	n->timer = n->stray = -1;
	for (unsigned i = 0; i < NET_SOCKETS; i++)
		n->socket[i] = -1;
	for (unsigned i = 0; i < NET_V6; i++)
		n->socket6[i] = -1;
	n->room = RESPONSE_HEAD + a->max_response + RESPONSE_SLACK;
	n->out_bytes = malloc(n->room * NET_BATCH);
	n->epoll = epoll_create1(EPOLL_CLOEXEC);
	int err = n->out_bytes == NULL || n->epoll < 0 ? fail(why, "epoll_create1")
						       : open_timer(n, why);
	if (err == 0)
		err = net_out_open(n, why);
	for (unsigned i = 0; err == 0 && i < o->sockets; i++)
		err = open_socket(n, i, why);
	if (err == 0)
		err = open_stray(n, why);
	if (err == 0)
		err = open_v6(n, why);
	if (err < 0) {
		net_close(n);
		return NULL;
	}
	a->send_forged = net_send_forged;
	a->forge_owner = n;
	for (unsigned i = 0; i < NET_BATCH; i++) {
		n->in_iov[i] = (struct iovec){n->in_bytes[i], sizeof n->in_bytes[i]};
		expect(n, i);
	}
	return n;
}

void net_close(struct net *n)
{
	if (n == NULL)
		return;
	for (unsigned i = 0; i < NET_SOCKETS; i++)
		if (n->socket[i] >= 0)
			close(n->socket[i]);
	if (n->timer >= 0)
		close(n->timer);
	if (n->epoll >= 0)
		close(n->epoll);
	close6(n);
	if (n->stray >= 0)
		close(n->stray);
	net_out_close(n);
	free(n->out_bytes);
	free(n);
}

uint16_t net_port(const struct net *n)
{
	return n->port;
}

uint16_t net_port6(const struct net *n)
{
	return n->port6;
}

int net_receive_bytes(const struct net *n)
{
	return n->receive_bytes;
}

int net_fd(const struct net *n)
{
	return n->epoll;
}

const struct net_counts *net_counts(const struct net *n)
{
	return &n->counts;
}

uint64_t net_kernel_drops(const struct net *n)
{
	uint64_t drops = 0;
	for (unsigned i = 0; i < n->options.sockets; i++) {
		uint32_t info[SK_MEMINFO_VARS];
		socklen_t len = sizeof info;
		if (getsockopt(n->socket[i], SOL_SOCKET, SO_MEMINFO, info, &len) == 0)
			drops += info[SK_MEMINFO_DROPS];
	}
	return drops;
}

static uint32_t asked_address(struct msghdr *h)
{
	for (struct cmsghdr *c = CMSG_FIRSTHDR(h); c != NULL; c = CMSG_NXTHDR(h, c)) {
		if (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_PKTINFO) {
			struct in_pktinfo info;
			memcpy(&info, CMSG_DATA(c), sizeof info);
			return info.ipi_addr.s_addr;
		}
	}
	return 0;
}

/* Number of responses that are not sent yet and not past the client timeout. */
static unsigned pending_of(const struct net *n, const struct traffic *l, uint64_t now_ms)
{
	if (n->options.client_timeout_ms > 0 && now_ms - l->last_ms > n->options.client_timeout_ms)
		return 0;
	return l->waiting + (l->queued_in == n->batches + 1 ? 1 : 0);
}

/* Responds to one request to one printer. */
static void respond_one(struct net *n, struct printer *p, const struct route *r, uint8_t *bytes,
	size_t len, uint64_t now_ms, uint64_t *now_us)
{
	struct traffic *l = &n->responder->fleet->traffic[fleet_number(n->responder->fleet, p)];
	traffic_received(l, bytes, len, pending_of(n, l, now_ms), now_ms);
	/* Forged responses flush the batch, so the true one would not have the next buffer. */
	bool is_forging = p->faults != NULL && p->faults->is_forging;
	bool is_kept =
		r->fd < 0 && !fault(p, FAULT_HUGE) && !fault(p, FAULT_GARBAGE) && !is_forging;
	uint8_t *room = is_kept ? n->out_bytes + n->room * n->out.count : n->big;
	n->current = r;
	struct response ans;
	if (responder_respond(n->responder, p, bytes, len, now_ms, room, &ans) == 0)
		return;
	net_send(n, r, &ans, is_kept, now_us);
}

static void respond_v4(struct net *n, unsigned i, uint64_t now_ms, uint64_t *now_us)
{
	struct msghdr *h = &n->in_msg[i].msg_hdr;
	struct route r = {.fd = -1, .from = asked_address(h), .peer.in = n->in_peer[i]};
	struct printer *p = responder_printer(n->responder, ntohl(r.from));
	if ((h->msg_flags & MSG_TRUNC) != 0) {
		n->counts.cut++;
		return;
	}
	if (net_is_lost(n)) {
		n->counts.lost_in++;
		return;
	}
	if (p != NULL)
		respond_one(n, p, &r, n->in_bytes[i], n->in_msg[i].msg_len, now_ms, now_us);
}

static void note_time(struct net *n, uint64_t now_ms)
{
	if (n->counts.first_ms == 0)
		n->counts.first_ms = now_ms;
	n->counts.last_ms = now_ms;
}

static void read_socket(struct net *n, unsigned socket)
{
	for (unsigned round = 0; round < READ_ROUNDS; round++) {
		int got = recvmmsg(n->socket[socket], n->in_msg, NET_BATCH, MSG_DONTWAIT, NULL);
		if (got <= 0)
			return;
		/* The clock is read after the datagrams, so that no value is older than its
		 * request.
		 */
		uint64_t now_ms = net_clock_ms(), now_us = 0;
		note_time(n, now_ms);
		n->counts.received += (uint64_t)got;
		for (unsigned i = 0; i < (unsigned)got; i++)
			respond_v4(n, i, now_ms, &now_us);
		for (unsigned i = 0; i < (unsigned)got; i++)
			expect(n, i);
		if (got < NET_BATCH)
			return;
	}
}

/* Printer i on its port of ::1. */
static void read_socket6(struct net *n, unsigned i)
{
	for (unsigned round = 0; round < NET_BATCH; round++) {
		struct route r = {.fd = n->socket6[i]};
		socklen_t size = sizeof r.peer.in6;
		ssize_t got = recvfrom(r.fd, n->in_bytes[0], sizeof n->in_bytes[0],
			MSG_DONTWAIT | MSG_TRUNC, &r.peer.any, &size);
		if (got < 0)
			return;
		uint64_t now_ms = net_clock_ms(), now_us = 0;
		note_time(n, now_ms);
		n->counts.received++;
		n->counts.received6++;
		if ((size_t)got > sizeof n->in_bytes[0])
			n->counts.cut++;
		else if (net_is_lost(n))
			n->counts.lost_in++;
		else
			respond_one(n, &n->responder->fleet->printers[i], &r, n->in_bytes[0],
				(size_t)got, now_ms, &now_us);
	}
}

void net_work(struct net *n)
{
	struct epoll_event ev[NET_SOCKETS + 1];
	int got = epoll_wait(n->epoll, ev, NET_SOCKETS + 1, 0);
	for (int i = 0; i < got; i++) {
		if (ev[i].data.u32 == NET_SOCKETS)
			net_turn_wheel(n);
		else if (ev[i].data.u32 > NET_SOCKETS)
			read_socket6(n, ev[i].data.u32 - NET_SOCKETS - 1);
		else
			read_socket(n, ev[i].data.u32);
	}
	net_flush(n);
}
