/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/sim/net.h"

#include "engine/core/slab.h"

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

enum { CONTROL_BYTES = CMSG_SPACE(sizeof(struct in_pktinfo)), READ_ROUNDS = 2 };

/* An answer that waits: in a slot's list, its bytes behind it. */
struct waiting {
	struct waiting *next;
	uint64_t due_us;
	struct sockaddr_in peer;
	uint32_t from; /* the printer's address, network order */
	uint16_t len;
	uint8_t bytes[];
};

struct slot {
	struct waiting *first, *last;
};

/* Messages that leave together. */
struct out {
	struct mmsghdr msg[NET_BATCH];
	struct iovec iov[NET_BATCH];
	struct sockaddr_in peer[NET_BATCH];
	_Alignas(struct cmsghdr) uint8_t control[NET_BATCH][CONTROL_BYTES];
	unsigned count;
};

struct net {
	struct answerer *answerer;
	struct net_options options;
	struct net_counts counts;
	int epoll, timer;
	int socket[NET_SOCKETS];
	uint16_t port;
	int receive_bytes;
	uint64_t random;
	uint64_t armed_us; /* when the timer goes off; 0: not armed */
	uint64_t wheel_us; /* start of the next slot to look at */
	size_t waiting_count;
	struct slab waiting;
	struct slot slots[NET_SLOTS];
	struct mmsghdr in_msg[NET_BATCH];
	struct iovec in_iov[NET_BATCH];
	struct sockaddr_in in_peer[NET_BATCH];
	_Alignas(struct cmsghdr) uint8_t in_control[NET_BATCH][CONTROL_BYTES];
	uint8_t in_bytes[NET_BATCH][ANSWER_REQUEST];
	struct out out;
	size_t room; /* bytes of one answer with what answer_make needs around it */
	uint8_t *out_bytes;
};

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

static uint64_t clock_us(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

static uint64_t next_random(struct net *n)
{
	n->random ^= n->random << 13;
	n->random ^= n->random >> 7;
	n->random ^= n->random << 17;
	return n->random;
}

static bool is_lost(struct net *n)
{
	if (n->options.loss_percent <= 0)
		return false;
	return (double)(next_random(n) >> 11) * 0x1p-53 * 100 < n->options.loss_percent;
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
	/* A port of the kernel's choice is bound alone and shared only then: otherwise it may be
	 * one that another simulator shares among its sockets. */
	bool is_chosen = n->port != 0;
	if (is_chosen && setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on) < 0)
		return fail(why, "SO_REUSEPORT");
	if (setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, "lo", 2) < 0)
		return fail(why, "SO_BINDTODEVICE lo");
	if (setsockopt(fd, IPPROTO_IP, IP_PKTINFO, &on, sizeof on) < 0)
		return fail(why, "IP_PKTINFO");
	/* Datagrams that may not be cut need no identification, which costs 5 % to make. */
	if (setsockopt(fd, IPPROTO_IP, IP_MTU_DISCOVER, &df, sizeof df) < 0)
		return fail(why, "IP_MTU_DISCOVER");
	/* The first works with CAP_NET_ADMIN, else the second up to net.core.rmem_max. */
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
	size_t one = sizeof(struct waiting) + n->answerer->max_response;
	if (slab_open(&n->waiting, one, NET_WAITING) < 0) {
		errno = ENOMEM;
		return fail(why, "waiting answers");
	}
	return 0;
}

/* The kernel shortens what it fills in: each place is made ready again after use. */
static void expect(struct net *n, unsigned i)
{
	n->in_msg[i].msg_hdr = (struct msghdr){.msg_name = &n->in_peer[i],
		.msg_namelen = sizeof n->in_peer[i],
		.msg_iov = &n->in_iov[i],
		.msg_iovlen = 1,
		.msg_control = n->in_control[i],
		.msg_controllen = sizeof n->in_control[i]};
}

struct net *net_open(struct answerer *a, const struct net_options *o, char why[LIMIT_WHY])
{
	struct net *n = calloc(1, sizeof *n);
	if (n == NULL) {
		snprintf(why, LIMIT_WHY, "out of memory");
		return NULL;
	}
	n->answerer = a;
	n->options = *o;
	n->port = o->port;
	n->random = fleet_hash(a->fleet->seed, 0x4e37) | 1;
	n->timer = -1;
	for (unsigned i = 0; i < NET_SOCKETS; i++)
		n->socket[i] = -1;
	n->room = ANSWER_HEAD + a->max_response + ANSWER_SLACK;
	n->out_bytes = malloc(n->room * NET_BATCH);
	n->epoll = epoll_create1(EPOLL_CLOEXEC);
	int err = n->out_bytes == NULL || n->epoll < 0 ? fail(why, "epoll_create1")
						       : open_timer(n, why);
	for (unsigned i = 0; err == 0 && i < o->sockets; i++)
		err = open_socket(n, i, why);
	if (err < 0) {
		net_close(n);
		return NULL;
	}
	n->wheel_us = clock_us() / NET_SLOT_US * NET_SLOT_US;
	for (unsigned i = 0; i < NET_BATCH; i++) {
		n->in_iov[i] = (struct iovec){n->in_bytes[i], sizeof n->in_bytes[i]};
		expect(n, i);
		n->out.msg[i].msg_hdr = (struct msghdr){.msg_name = &n->out.peer[i],
			.msg_namelen = sizeof n->out.peer[i],
			.msg_iov = &n->out.iov[i],
			.msg_iovlen = 1,
			.msg_control = n->out.control[i],
			.msg_controllen = CONTROL_BYTES};
		struct cmsghdr *c = CMSG_FIRSTHDR(&n->out.msg[i].msg_hdr);
		c->cmsg_level = IPPROTO_IP;
		c->cmsg_type = IP_PKTINFO;
		c->cmsg_len = CMSG_LEN(sizeof(struct in_pktinfo));
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
	if (n->waiting.base != NULL)
		slab_close(&n->waiting);
	free(n->out_bytes);
	free(n);
}

uint16_t net_port(const struct net *n)
{
	return n->port;
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

/* Any of the sockets will do: they share the port. */
static void flush(struct net *n)
{
	struct out *o = &n->out;
	unsigned done = 0;
	while (done < o->count) {
		int sent = sendmmsg(n->socket[0], o->msg + done, o->count - done, 0);
		if (sent > 0) {
			n->counts.sent += (uint64_t)sent;
			done += (unsigned)sent;
		} else if (errno != EINTR) {
			/* The one at the front cannot be sent (its peer is gone, a buffer is full).
			 */
			n->counts.send_failed++;
			done++;
		}
	}
	o->count = 0;
}

static void queue(struct net *n, const struct sockaddr_in *peer, uint32_t from,
	const uint8_t *bytes, size_t len)
{
	struct out *o = &n->out;
	if (o->count == NET_BATCH)
		flush(n);
	unsigned i = o->count++;
	o->peer[i] = *peer;
	o->iov[i] = (struct iovec){(void *)(uintptr_t)bytes, len};
	struct in_pktinfo info = {.ipi_spec_dst.s_addr = from};
	memcpy(CMSG_DATA((struct cmsghdr *)(void *)n->out.control[i]), &info, sizeof info);
}

static void arm(struct net *n, uint64_t due_us)
{
	if (n->armed_us != 0 && n->armed_us <= due_us)
		return;
	n->armed_us = due_us;
	struct itimerspec at = {
		.it_value = {(time_t)(due_us / 1000000), (long)(due_us % 1000000) * 1000}};
	if (timerfd_settime(n->timer, TFD_TIMER_ABSTIME, &at, NULL) < 0)
		n->armed_us = 0;
}

/* Keeps an answer until its time. Delays are rounded up to a slot, and cut to three quarters of a
 * turn. */
static void wait_for(struct net *n, const struct sockaddr_in *peer, uint32_t from,
	const struct answer *ans, uint64_t now_us, uint64_t delay_us)
{
	struct waiting *w = slab_take(&n->waiting);
	if (w == NULL) {
		n->counts.waiting_full++;
		return;
	}
	if (n->waiting_count++ == 0)
		n->wheel_us = now_us / NET_SLOT_US * NET_SLOT_US;
	uint64_t horizon = (uint64_t)NET_SLOTS * 3 / 4 * NET_SLOT_US;
	w->due_us = now_us + (delay_us < horizon ? delay_us : horizon);
	w->peer = *peer;
	w->from = from;
	w->len = (uint16_t)ans->len;
	w->next = NULL;
	memcpy(w->bytes, ans->start, ans->len);
	uint64_t slot_us = (w->due_us + NET_SLOT_US - 1) / NET_SLOT_US * NET_SLOT_US;
	struct slot *s = &n->slots[slot_us / NET_SLOT_US % NET_SLOTS];
	if (s->last == NULL)
		s->first = w;
	else
		s->last->next = w;
	s->last = w;
	arm(n, slot_us);
}

static void send_slot(struct net *n, struct slot *s)
{
	/* Bytes must stay until they are sent, so a batch is given back after its flush. */
	while (s->first != NULL) {
		struct waiting *batch = s->first, *w = batch;
		while (w != NULL && n->out.count < NET_BATCH) {
			queue(n, &w->peer, w->from, w->bytes, w->len);
			w = w->next;
		}
		flush(n);
		while (batch != w) {
			struct waiting *next = batch->next;
			slab_give(&n->waiting, batch);
			n->waiting_count--;
			batch = next;
		}
		s->first = w;
	}
	s->last = NULL;
}

static void turn_wheel(struct net *n)
{
	uint64_t ticks;
	if (read(n->timer, &ticks, sizeof ticks) < 0 && errno != EAGAIN)
		return;
	n->armed_us = 0;
	uint64_t now_us = clock_us();
	for (; n->waiting_count > 0 && n->wheel_us <= now_us; n->wheel_us += NET_SLOT_US)
		send_slot(n, &n->slots[n->wheel_us / NET_SLOT_US % NET_SLOTS]);
	if (n->waiting_count == 0)
		return;
	uint64_t at = n->wheel_us;
	while (n->slots[at / NET_SLOT_US % NET_SLOTS].first == NULL)
		at += NET_SLOT_US;
	arm(n, at);
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

static uint64_t delay_of(struct net *n, const struct printer *p)
{
	uint64_t delay = n->options.latency_us + (uint64_t)p->slow_ms * 1000;
	if (n->options.jitter_us > 0)
		delay += next_random(n) % (n->options.jitter_us + 1);
	return delay;
}

static void answer_one(struct net *n, unsigned i, uint64_t now_ms, uint64_t *now_us)
{
	struct msghdr *h = &n->in_msg[i].msg_hdr;
	if ((h->msg_flags & MSG_TRUNC) != 0) {
		n->counts.cut++;
		return;
	}
	if (is_lost(n)) {
		n->counts.lost_in++;
		return;
	}
	uint32_t from = asked_address(h);
	struct answer ans;
	uint8_t *room = n->out_bytes + n->room * n->out.count;
	if (answer_make(n->answerer, n->in_bytes[i], n->in_msg[i].msg_len, ntohl(from), now_ms,
		    room, &ans) == 0)
		return;
	for (int k = ans.is_twice ? 2 : 1; k > 0; k--) {
		if (is_lost(n)) {
			n->counts.lost_out++;
			continue;
		}
		uint64_t delay = delay_of(n, ans.printer);
		if (delay == 0) {
			queue(n, &n->in_peer[i], from, ans.start, ans.len);
			if (ans.is_twice || n->out.count == NET_BATCH)
				flush(n);
			continue;
		}
		if (*now_us == 0)
			*now_us = clock_us();
		wait_for(n, &n->in_peer[i], from, &ans, *now_us, delay);
	}
}

static void read_socket(struct net *n, unsigned socket)
{
	for (unsigned round = 0; round < READ_ROUNDS; round++) {
		int got = recvmmsg(n->socket[socket], n->in_msg, NET_BATCH, MSG_DONTWAIT, NULL);
		if (got <= 0)
			return;
		/* Read after the datagrams came, so that no value is older than its question. */
		uint64_t now_ms = net_clock_ms(), now_us = 0;
		n->counts.received += (uint64_t)got;
		for (unsigned i = 0; i < (unsigned)got; i++)
			answer_one(n, i, now_ms, &now_us);
		for (unsigned i = 0; i < (unsigned)got; i++)
			expect(n, i);
		if (got < NET_BATCH)
			return;
	}
}

void net_work(struct net *n)
{
	struct epoll_event ev[NET_SOCKETS + 1];
	int got = epoll_wait(n->epoll, ev, NET_SOCKETS + 1, 0);
	for (int i = 0; i < got; i++) {
		if (ev[i].data.u32 == NET_SOCKETS)
			turn_wheel(n);
		else
			read_socket(n, ev[i].data.u32);
	}
	flush(n);
}
