/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/fleet/mdns_ask.h"

#include "engine/core/limits.h"
#include "engine/core/list.h"
#include "engine/loop/udp.h"
#include "proto/mdns.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

/* Asked again after a third of the time: a datagram to all is easily lost. */
enum { ASKS = 3 };

struct mdns {
	struct loop *loop;
	struct udp *udp;
	struct udp_send send;
	struct sockaddr_in to;
	uint8_t query[MDNS_QUERY_BYTES];
	uint16_t id;
	unsigned asked;
	uint64_t step_ms;
	struct due due;
	void (*on_end)(void *owner);
	void *owner;
	uint32_t address[LIMIT_MDNS_ANSWERS]; /* network order */
	size_t count;
};

static void on_datagram(void *owner, const uint8_t *bytes, size_t len, const struct sockaddr *from)
{
	struct mdns *m = owner;
	struct sockaddr_in in4;
	if (from->sa_family != AF_INET || mdns_answer(bytes, len, m->id) <= 0)
		return;
	memcpy(&in4, from, sizeof in4);
	for (size_t i = 0; i < m->count; i++) {
		if (m->address[i] == in4.sin_addr.s_addr)
			return;
	}
	if (m->count < LIMIT_MDNS_ANSWERS)
		m->address[m->count++] = in4.sin_addr.s_addr;
}

/* 1: asked, and the next turn is set; 0: it was the last. */
static int ask(struct mdns *m)
{
	if (m->asked++ == ASKS)
		return 0;
	int err = udp_send(m->udp, 0, &m->send);
	if (err == 0)
		err = loop_due_set(m->loop, &m->due, loop_now_ms(m->loop) + m->step_ms);
	return err < 0 ? err : 1;
}

static void on_due(struct due *due)
{
	struct mdns *m = container_of(due, struct mdns, due);
	if (ask(m) <= 0)
		m->on_end(m->owner); /* what came until then is good */
}

int mdns_start(struct mdns **ret, struct loop *l, const struct sockaddr_in *to, uint64_t wait_ms,
	void (*on_end)(void *owner), void *owner)
{
	struct mdns *m = calloc(1, sizeof *m);
	if (m == NULL)
		return -ENOMEM;
	*m = (struct mdns){.loop = l, .step_ms = wait_ms / ASKS, .on_end = on_end, .owner = owner};
	due_init(&m->due, on_due);
	m->to = to != NULL ? *to
			   : (struct sockaddr_in){.sin_family = AF_INET,
				     .sin_port = htons(MDNS_PORT),
				     .sin_addr.s_addr = htonl(MDNS_GROUP)};
	int err = getrandom(&m->id, sizeof m->id, 0) == (ssize_t)sizeof m->id ? 0 : -EIO;
	int len = err < 0 ? err : mdns_query(m->query, sizeof m->query, m->id);
	m->send = (struct udp_send){.bytes = m->query,
		.len = len > 0 ? (size_t)len : 0,
		.to = (const struct sockaddr *)&m->to,
		.to_len = sizeof m->to};
	err = len < 0 ? len : udp_open(&m->udp, l, 1, 4, on_datagram, m);
	if (err == 0) {
		err = ask(m);
		err = err < 0 ? err : 0;
	}
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
	struct conf_range r = {.count = 1};
	memcpy(r.first, &m->address[i], sizeof m->address[i]);
	return r;
}

void mdns_close(struct mdns *m)
{
	if (m == NULL)
		return;
	loop_due_clear(m->loop, &m->due);
	udp_close(m->udp);
	free(m);
}
