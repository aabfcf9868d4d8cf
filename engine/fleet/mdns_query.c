/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/fleet/mdns_query.h"

#include "proto/base/limits.h"
#include "proto/base/list.h"
#include "engine/loop/udp.h"
#include "proto/mdns/mdns.h"

#include <errno.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

/* Sent again after a third of the time: a multicast datagram is easily lost. */
enum { ROUNDS = 3, REQUESTS = 2 * LIMIT_MDNS_INTERFACES };
_Static_assert(LIMIT_MDNS_INTERFACES <= LIMIT_UDP_SOCKETS, "a socket for each");

/* The query to one address. */
struct mdns_request {
	struct udp_send send;
	size_t worker;
	union address to;
};

struct mdns {
	struct loop *loop;
	struct udp *udp;
	struct mdns_request requests[REQUESTS];
	size_t query_count;
	uint8_t query[MDNS_QUERY_BYTES];
	size_t query_len;
	uint16_t id;
	unsigned rounds;
	uint64_t step_ms;
	struct due due;
	void (*on_end)(void *owner);
	void *owner;
	struct conf_range found[LIMIT_MDNS_ADDRESSES];
	size_t count;
};

/* ---- responses ---------------------------------------------------------------------------- */

static bool is_same(const struct conf_range *a, const struct conf_range *b)
{
	return a->is_v6 == b->is_v6 && a->scope == b->scope &&
	       memcmp(a->first, b->first, sizeof a->first) == 0;
}

static void on_datagram(void *owner, const uint8_t *bytes, size_t len, const struct sockaddr *from)
{
	struct mdns *m = owner;
	const struct sockaddr_in *in4 = (const struct sockaddr_in *)(const void *)from;
	const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)(const void *)from;
	struct conf_range at = {.count = 1, .is_v6 = from->sa_family == AF_INET6};
	if (mdns_answer(bytes, len, m->id) <= 0)
		return;
	if (at.is_v6) {
		memcpy(at.first, &in6->sin6_addr, sizeof in6->sin6_addr);
		at.scope = in6->sin6_scope_id;
	} else {
		memcpy(at.first, &in4->sin_addr, sizeof in4->sin_addr);
	}
	for (size_t i = 0; i < m->count; i++) {
		if (is_same(&m->found[i], &at))
			return;
	}
	if (m->count < LIMIT_MDNS_ADDRESSES)
		m->found[m->count++] = at;
}

/* ---- addresses ------------------------------------------------------------------------ */

static void add(struct mdns *m, size_t worker, const void *to, socklen_t len)
{
	struct mdns_request *q = &m->requests[m->query_count];
	if (m->query_count == REQUESTS)
		return;
	m->query_count++;
	memcpy(&q->to, to, len);
	q->worker = worker;
	q->send = (struct udp_send){
		.bytes = m->query, .len = m->query_len, .to = &q->to.sa, .to_len = len};
}

/* An IPv4 address of an interface: its socket sends there. One that cannot be used is left out. */
static void add_v4(struct mdns *m, size_t worker, unsigned interface)
{
	const struct sockaddr_in to = {.sin_family = AF_INET,
		.sin_port = htons(MDNS_PORT),
		.sin_addr.s_addr = htonl(MDNS_GROUP)};
	if (udp_use_interface(m->udp, worker, interface) == 0)
		add(m, worker, &to, sizeof to);
}

static void add_v6(struct mdns *m, size_t worker, unsigned interface)
{
	const struct sockaddr_in6 to = {.sin6_family = AF_INET6,
		.sin6_port = htons(MDNS_PORT),
		.sin6_addr.s6_addr = MDNS_GROUP6,
		.sin6_scope_id = interface};
	add(m, worker, &to, sizeof to);
}

/* Where `interface` is in the list, or its new place there; the list's length: it is full. */
static size_t place_of(unsigned *list, size_t *count, unsigned interface)
{
	size_t i = 0;
	while (i < *count && list[i] != interface)
		i++;
	if (i == *count && *count < LIMIT_MDNS_INTERFACES)
		list[(*count)++] = interface;
	return i;
}

/* By IPv6 the group is a link's own: the query leaves from a link-local address. */
static bool is_usable(const struct ifaddrs *a)
{
	enum { NEEDED = IFF_UP | IFF_MULTICAST };
	const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)(const void *)a->ifa_addr;
	if (in6 == NULL || (a->ifa_flags & NEEDED) != NEEDED)
		return false;
	return in6->sin6_family == AF_INET ||
	       (in6->sin6_family == AF_INET6 && IN6_IS_ADDR_LINKLOCAL(&in6->sin6_addr));
}

static int add_groups(struct mdns *m)
{
	unsigned list[LIMIT_MDNS_INTERFACES];
	bool has_v4[LIMIT_MDNS_INTERFACES] = {false}, has_v6[LIMIT_MDNS_INTERFACES] = {false};
	struct ifaddrs *all;
	size_t count = 0;
	if (getifaddrs(&all) < 0)
		return -errno;
	for (const struct ifaddrs *a = all; a != NULL; a = a->ifa_next) {
		unsigned interface = is_usable(a) ? if_nametoindex(a->ifa_name) : 0;
		size_t i = interface != 0 ? place_of(list, &count, interface) : count;
		if (i >= count)
			continue;
		bool is_v6 = a->ifa_addr->sa_family == AF_INET6;
		bool *has = is_v6 ? &has_v6[i] : &has_v4[i];
		if (!*has && is_v6)
			add_v6(m, i, interface);
		else if (!*has)
			add_v4(m, i, interface);
		*has = true;
	}
	freeifaddrs(all);
	return 0;
}

/* ---- life ------------------------------------------------------------------------------- */

/* 1: sent, and the next round is set; 0: it was the last. A link that refuses the query costs the
 * others nothing. */
static int send_round(struct mdns *m)
{
	int err = 0;
	if (m->rounds++ == ROUNDS)
		return 0;
	for (size_t i = 0; i < m->query_count; i++) {
		int sent = udp_send(m->udp, m->requests[i].worker, &m->requests[i].send);
		err = sent < 0 ? sent : err;
	}
	if (err < 0 && m->query_count == 1)
		return err;
	err = loop_due_set(m->loop, &m->due, loop_now_ms(m->loop) + m->step_ms);
	return err < 0 ? err : 1;
}

static void on_due(struct due *due)
{
	struct mdns *m = container_of(due, struct mdns, due);
	if (send_round(m) <= 0)
		m->on_end(m->owner); /* responses until now are valid */
}

static int open_parts(struct mdns *m, const struct sockaddr *to)
{
	int err = getrandom(&m->id, sizeof m->id, 0) == (ssize_t)sizeof m->id ? 0 : -EIO;
	int len = err < 0 ? err : mdns_query(m->query, sizeof m->query, m->id);
	if (len < 0)
		return len;
	m->query_len = (size_t)len;
	err = udp_open(&m->udp, m->loop, LIMIT_MDNS_INTERFACES, REQUESTS, on_datagram, m);
	if (err == 0 && to == NULL)
		err = add_groups(m);
	else if (err == 0)
		add(m, 0, to,
			to->sa_family == AF_INET6 ? sizeof(struct sockaddr_in6)
						  : sizeof(struct sockaddr_in));
	return err < 0 ? err : send_round(m);
}

int mdns_start(struct mdns **ret, struct loop *l, const struct sockaddr *to, uint64_t wait_ms,
	void (*on_end)(void *owner), void *owner)
{
	struct mdns *m = calloc(1, sizeof *m);
	if (m == NULL)
		return -ENOMEM;
	*m = (struct mdns){
		.loop = l, .step_ms = wait_ms / ROUNDS, .on_end = on_end, .owner = owner};
	due_init(&m->due, on_due);
	int err = open_parts(m, to);
	if (err < 0) {
		mdns_close(m);
		return err;
	}
	*ret = m;
	return 0;
}

size_t mdns_count(const struct mdns *m)
{
	return m->count;
}

struct conf_range mdns_at(const struct mdns *m, size_t i)
{
	return m->found[i];
}

void mdns_close(struct mdns *m)
{
	if (m == NULL)
		return;
	loop_due_clear(m->loop, &m->due);
	udp_close(m->udp);
	free(m);
}
