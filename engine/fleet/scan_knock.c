/* SPDX-License-Identifier: Apache-2.0
 * Which TCP ports of a device take a connection. It is closed as soon as it is there: not a byte is
 * written, because what is written to port 9100 gets printed. One port of a device at a time. */
#include "engine/fleet/scan_internal.h"

#include <arpa/inet.h>

const uint16_t scan_ports[SCAN_PORTS] = {515, 9100, 2000, 2105, 631, 80, 443};

static void on_open(void *owner)
{
	struct scan_knock *k = owner;
	k->is_open = true;
	conn_abort(k->conn);
}

/* Somebody who speaks first (no printer does) is not listened to. */
static void on_bytes(void *owner, const uint8_t *bytes, size_t len)
{
	struct scan_knock *k = owner;
	(void)bytes;
	(void)len;
	conn_abort(k->conn);
}

static void on_writable(void *owner)
{
	(void)owner;
}

static void on_end(void *owner, int err, const char *why)
{
	struct scan_knock *k = owner;
	struct scan *s = k->scan;
	struct scan_found *f = k->found;
	(void)err;
	(void)why;
	if (k->is_open)
		f->open_ports |= (uint8_t)(1u << f->knock);
	f->knock++;
	k->found = NULL;
	k->conn = NULL;
	s->knocking--;
	if (s->is_stopping)
		return;
	f->stage = SCAN_TO_KNOCK;
	scan_queue_push(s, &s->to_knock, f);
}

static int knock(struct scan *s, struct scan_knock *k, struct scan_found *f)
{
	static const struct conn_events events = {on_open, on_bytes, on_writable, on_end};
	char host[INET6_ADDRSTRLEN];
	union {
		struct sockaddr sa;
		struct sockaddr_in in4;
		struct sockaddr_in6 in6;
	} at;
	(void)scan_order_at(&s->order, f->number, &at);
	bool is_v6 = at.sa.sa_family == AF_INET6;
	const void *bytes = is_v6 ? (const void *)&at.in6.sin6_addr : &at.in4.sin_addr;
	if (inet_ntop(at.sa.sa_family, bytes, host, sizeof host) == NULL)
		return ERR_FORMAT;
	struct conn_target target = {
		.host = host, .port = scan_ports[f->knock], .join_ms = LIMIT_SCAN_KNOCK_MS};
	k->scan = s;
	k->is_open = false;
	return conn_connect(&k->conn, s->loop, &target, &events, k);
}

static struct scan_knock *free_place(struct scan *s)
{
	for (size_t i = 0; i < LIMIT_SCAN_KNOCKS; i++) {
		if (s->knocks[i].found == NULL)
			return &s->knocks[i];
	}
	return NULL;
}

void scan_knock_work(struct scan *s)
{
	struct scan_knock *k;
	while (!s->is_stopping && s->to_knock.first != 0 && (k = free_place(s)) != NULL) {
		struct scan_found *f = scan_queue_take(s, &s->to_knock);
		if (f->knock == SCAN_PORTS) {
			scan_identify_knocked(s, f);
			continue;
		}
		s->counts.knocks++;
		if (knock(s, k, f) < 0) {
			f->knock++;
			scan_queue_push(s, &s->to_knock, f);
			continue;
		}
		f->stage = SCAN_KNOCKED;
		k->found = f;
		s->knocking++;
	}
}

void scan_knock_stop(struct scan *s)
{
	s->to_knock = (struct scan_queue){0, 0};
	for (size_t i = 0; i < LIMIT_SCAN_KNOCKS; i++) {
		if (s->knocks[i].found != NULL)
			conn_abort(s->knocks[i].conn);
	}
}
