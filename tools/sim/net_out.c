/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/sim/net_internal.h"
#include "tools/sim/faults.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <unistd.h>

int net_out_open(struct net *n, char why[LIMIT_WHY])
{
	n->waiting_bytes = n->responder->max_response;
	if (slab_open(&n->waiting, sizeof(struct waiting) + n->waiting_bytes, NET_WAITING) < 0) {
		snprintf(why, LIMIT_WHY, "waiting responses: out of memory");
		return -ENOMEM;
	}
	n->wheel_us = net_clock_us() / NET_SLOT_US * NET_SLOT_US;
	for (unsigned i = 0; i < NET_BATCH; i++) {
		n->out.msg[i].msg_hdr = (struct msghdr){.msg_name = &n->out.peer[i],
			.msg_namelen = sizeof n->out.peer[i],
			.msg_iov = &n->out.iov[i],
			.msg_iovlen = 1,
			.msg_control = n->out.control[i],
			.msg_controllen = NET_CONTROL_BYTES};
		struct cmsghdr *c = CMSG_FIRSTHDR(&n->out.msg[i].msg_hdr);
		c->cmsg_level = IPPROTO_IP;
		c->cmsg_type = IP_PKTINFO;
		c->cmsg_len = CMSG_LEN(sizeof(struct in_pktinfo));
	}
	return 0;
}

static void release_waiting(struct net *n, struct waiting *w)
{
	if (w->traffic != NULL)
		w->traffic->waiting--;
	n->waiting_count--;
	if (w->is_big)
		free(w);
	else
		slab_give(&n->waiting, w);
}

void net_out_close(struct net *n)
{
	for (size_t i = 0; i < NET_SLOTS; i++) {
		struct waiting *w = n->slots[i].first;
		while (w != NULL) {
			struct waiting *next = w->next;
			release_waiting(n, w);
			w = next;
		}
	}
	if (n->waiting.base != NULL)
		slab_close(&n->waiting);
}

/* Sends the batch from the first socket: all share the port. */
void net_flush(struct net *n)
{
	struct out *o = &n->out;
	unsigned done = 0;
	while (done < o->count) {
		int sent = sendmmsg(n->socket[0], o->msg + done, o->count - done, 0);
		if (sent > 0) {
			n->counts.sent += (uint64_t)sent;
			done += (unsigned)sent;
		} else if (errno != EINTR) {
			/* The first message cannot be sent: its peer is gone, or a buffer is full.
			 */
			n->counts.send_failed++;
			done++;
		}
	}
	o->count = 0;
	n->batches++;
}

/* Sends one datagram outside of the batch: over IPv6, or from another port. */
static void send_alone(struct net *n, const struct route *r, const uint8_t *bytes, size_t len)
{
	_Alignas(struct cmsghdr) uint8_t control[NET_CONTROL_BYTES] = {0};
	bool is_v6 = r->peer.any.sa_family == AF_INET6;
	struct iovec iov = {(void *)(uintptr_t)bytes, len};
	struct msghdr m = {.msg_name = (void *)(uintptr_t)&r->peer,
		.msg_namelen = is_v6 ? sizeof r->peer.in6 : sizeof r->peer.in,
		.msg_iov = &iov,
		.msg_iovlen = 1};
	if (!is_v6) {
		struct in_pktinfo info = {.ipi_spec_dst.s_addr = r->from};
		m.msg_control = control;
		m.msg_controllen = sizeof control;
		struct cmsghdr *c = CMSG_FIRSTHDR(&m);
		c->cmsg_level = IPPROTO_IP;
		c->cmsg_type = IP_PKTINFO;
		c->cmsg_len = CMSG_LEN(sizeof info);
		memcpy(CMSG_DATA(c), &info, sizeof info);
	}
	ssize_t sent;
	do
		sent = sendmsg(r->fd < 0 ? n->socket[0] : r->fd, &m, 0);
	while (sent < 0 && errno == EINTR);
	if (sent < 0)
		n->counts.send_failed++;
	else
		n->counts.sent++;
}

/* Adds a datagram to the batch; its bytes must stay until the flush. */
static void queue(struct net *n, const struct route *r, const uint8_t *bytes, size_t len)
{
	struct out *o = &n->out;
	if (r->fd >= 0) {
		send_alone(n, r, bytes, len);
		return;
	}
	if (o->count == NET_BATCH)
		net_flush(n);
	unsigned i = o->count++;
	o->peer[i] = r->peer.in;
	o->iov[i] = (struct iovec){(void *)(uintptr_t)bytes, len};
	struct in_pktinfo info = {.ipi_spec_dst.s_addr = r->from};
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

static struct waiting *take(struct net *n, size_t len)
{
	bool is_big = len > n->waiting_bytes;
	struct waiting *w = is_big ? malloc(sizeof *w + len) : slab_take(&n->waiting);
	if (w != NULL)
		w->is_big = is_big;
	return w;
}

/* Queues a response in the timer wheel. Delays are rounded up to a slot, and limited to three
 * quarters of the wheel. */
static void wait_for(struct net *n, const struct route *r, const struct response *ans,
	struct traffic *traffic, uint64_t now_us, uint64_t delay_us)
{
	struct waiting *w = take(n, ans->len);
	if (w == NULL) {
		n->counts.waiting_full++;
		return;
	}
	if (n->waiting_count++ == 0)
		n->wheel_us = now_us / NET_SLOT_US * NET_SLOT_US;
	uint64_t horizon = (uint64_t)NET_SLOTS * 3 / 4 * NET_SLOT_US;
	w->due_us = now_us + (delay_us < horizon ? delay_us : horizon);
	w->route = *r;
	w->len = (uint32_t)ans->len;
	w->next = NULL;
	w->traffic = traffic;
	if (traffic != NULL)
		traffic->waiting++;
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
	/* The bytes must stay until they are sent: a batch is released after its flush. */
	while (s->first != NULL) {
		struct waiting *batch = s->first, *w = batch;
		while (w != NULL && n->out.count < NET_BATCH) {
			queue(n, &w->route, w->bytes, w->len);
			w = w->next;
		}
		net_flush(n);
		while (batch != w) {
			struct waiting *next = batch->next;
			release_waiting(n, batch);
			batch = next;
		}
		s->first = w;
	}
	s->last = NULL;
}

void net_turn_wheel(struct net *n)
{
	uint64_t ticks;
	if (read(n->timer, &ticks, sizeof ticks) < 0 && errno != EAGAIN)
		return;
	n->armed_us = 0;
	uint64_t now_us = net_clock_us();
	for (; n->waiting_count > 0 && n->wheel_us <= now_us; n->wheel_us += NET_SLOT_US)
		send_slot(n, &n->slots[n->wheel_us / NET_SLOT_US % NET_SLOTS]);
	if (n->waiting_count == 0)
		return;
	uint64_t at = n->wheel_us;
	while (n->slots[at / NET_SLOT_US % NET_SLOTS].first == NULL)
		at += NET_SLOT_US;
	arm(n, at);
}

static uint64_t delay_of(struct net *n, const struct response *ans)
{
	const struct printer *p = ans->printer;
	uint64_t delay = n->options.latency_us + ((uint64_t)p->slow_ms + ans->late_ms) * 1000;
	if (n->options.jitter_us > 0)
		delay += net_random(n) % (n->options.jitter_us + 1);
	return delay;
}

/* A loopback address other than the printer's. */
static uint32_t other_address(uint32_t from)
{
	uint32_t mine = ntohl(from);
	return htonl(0x7f000000u | ((mine & 0xffffffu) ^ 0xfe0000u));
}

static struct route route_of(const struct net *n, const struct route *route, enum forge_way way)
{
	struct route r = *route;
	bool is_v6 = r.peer.any.sa_family == AF_INET6;
	if (way == WAY_OTHER_ADDRESS && !is_v6)
		r.from = other_address(r.from);
	else if (way == WAY_OTHER_PORT && !is_v6)
		r.fd = n->stray;
	return r;
}

void net_send(struct net *n, const struct route *route, const struct response *ans, bool is_kept,
	uint64_t *now_us)
{
	struct route r = route_of(n, route, ans->way);
	struct traffic *traffic = ans->traffic;
	for (unsigned k = 0; k < 1u + ans->copies; k++) {
		if (net_is_lost(n)) {
			n->counts.lost_out++;
			continue;
		}
		uint64_t delay = delay_of(n, ans);
		if (delay == 0) {
			queue(n, &r, ans->start, ans->len);
			traffic->queued_in = n->batches + 1;
			if (!is_kept || ans->copies > 0 || n->out.count == NET_BATCH)
				net_flush(n);
			continue;
		}
		if (*now_us == 0)
			*now_us = net_clock_us();
		wait_for(n, &r, ans, k == 0 ? traffic : NULL, *now_us, delay);
	}
}

void net_send_forged(void *owner, const uint8_t *bytes, size_t len, enum forge_way way)
{
	struct net *n = owner;
	struct route r = route_of(n, n->current, way);
	/* Send earlier responses first. */
	net_flush(n);
	send_alone(n, &r, bytes, len);
	n->counts.forged++;
}

void net_forge(struct net *n, uint32_t from, const struct sockaddr_in *peer, const uint8_t *bytes,
	size_t len, enum forge_way way)
{
	struct route r = {.fd = -1, .from = htonl(from), .peer.in = *peer};
	n->current = &r;
	net_send_forged(n, bytes, len, way);
	n->current = NULL;
}
