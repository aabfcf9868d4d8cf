/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/fleet/rate_limit.h"

#include "proto/base/hash.h"
#include "proto/base/log.h"
#include "engine/fleet/roster.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* The window grows by so much a round, and halves when of one round's responses (at least so many)
 * this part came only after a resend. A round has at least so many responses, as at its end
 * the kernel's count of drops is read. Without responses the window is checked so often. */
enum { GROW_BY = 8, LOST_MIN = 8, LOST_PART = 8, ROUND_MIN = 128, WAKE_MS = 100 };

/* ---- subnets ------------------------------------------------------------------------------ */

/* A /24 or a /64. */
static uint64_t subnet_of(const struct sockaddr *sa)
{
	const struct sockaddr_in *in4 = (const struct sockaddr_in *)(const void *)sa;
	const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)(const void *)sa;
	const uint8_t *p = sa->sa_family == AF_INET6 ? in6->sin6_addr.s6_addr
						     : (const uint8_t *)&in4->sin_addr;
	size_t n = sa->sa_family == AF_INET6 ? 8 : 3;
	uint64_t h = hash_bytes(0, p, n);
	return h == 0 ? 1 : h;
}

/* The subnet's own bucket, or one that is shared with others of the same place in the table. */
static struct rate_bucket *bucket_of(
	struct rate_limit *g, const struct sockaddr *sa, uint64_t now_us)
{
	uint64_t subnet = subnet_of(sa);
	struct rate_bucket *b = &g->buckets[subnet % LIMIT_SUBNETS];
	if (b->subnet != subnet && b->full_us <= now_us)
		*b = (struct rate_bucket){.subnet = subnet};
	return b;
}

/* This machine itself: there is no link in between. */
static bool is_loopback(const struct sockaddr *sa)
{
	const struct sockaddr_in *in4 = (const struct sockaddr_in *)(const void *)sa;
	const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)(const void *)sa;
	return sa->sa_family == AF_INET6 ? IN6_IS_ADDR_LOOPBACK(&in6->sin6_addr)
					 : ntohl(in4->sin_addr.s_addr) >> 24 == IN_LOOPBACKNET;
}

/* Reserves one packet of the rate; returns when it may leave. */
static uint64_t reserve_packet(struct rate_limit *g, const struct sockaddr *sa)
{
	uint64_t now_us = loop_now_ms(g->loop) * 1000;
	if (g->packet_us == 0 || is_loopback(sa))
		return 0;
	struct rate_bucket *b = bucket_of(g, sa, now_us);
	if (b->full_us < now_us)
		b->full_us = now_us;
	b->full_us += g->packet_us;
	uint64_t burst_us = LIMIT_SUBNET_BURST_MS * UINT64_C(1000);
	if (burst_us < g->packet_us)
		burst_us = g->packet_us;
	uint64_t at_us = b->full_us > now_us + burst_us ? b->full_us - burst_us : now_us;
	return (at_us + 999) / 1000;
}

/* ---- waiting -------------------------------------------------------------------------------- */

static void on_wait_due(struct due *due)
{
	struct rate_wait *wait = container_of(due, struct rate_wait, due);
	list_remove(&wait->node);
	wait->has_time = true;
	wait->on_rate_ready(wait, 0);
}

static void on_stopped_due(struct due *due)
{
	struct rate_wait *wait = container_of(due, struct rate_wait, due);
	list_remove(&wait->node);
	wait->has_time = false;
	wait->on_rate_ready(wait, ERR_STOPPED);
}

void rate_wait_init(struct rate_wait *wait, void (*on_rate_ready)(struct rate_wait *wait, int err))
{
	list_init(&wait->node);
	due_init(&wait->due, on_wait_due);
	wait->rate_limit = NULL;
	wait->has_time = false;
	wait->on_rate_ready = on_rate_ready;
}

bool rate_limit_is_waiting(const struct rate_wait *wait)
{
	return !list_is_empty(&wait->node);
}

static bool wait_until(struct rate_limit *g, struct rate_wait *wait, uint64_t at_ms)
{
	/* A device that is polled has left the heap, so there is room for its poll. */
	if (loop_due_set(g->loop, &wait->due, at_ms) < 0)
		return false;
	list_push(&g->timed, &wait->node);
	return true;
}

static void set_wake(struct rate_limit *g, uint64_t in_ms)
{
	if (loop_due_set(g->loop, &g->wake, loop_now_ms(g->loop) + in_ms) < 0)
		log_line(LOG_ERROR, "rate_limit", "err=%s what=\"window timer\"",
			err_text(ERR_FULL));
}

/* Half of what was in flight at the loss, not of the window. */
static size_t halved(const struct rate_limit *g)
{
	size_t flight = g->peak < g->window ? g->peak : g->window;
	size_t half = flight / 2 > LIMIT_WINDOW_MIN ? flight / 2 : LIMIT_WINDOW_MIN;
	return half < g->max ? half : g->max;
}

/* As many responses as there were requests in flight at once. */
static size_t round_of(const struct rate_limit *g)
{
	size_t flight = g->peak < g->window ? g->peak : g->window;
	return flight > ROUND_MIN ? flight : ROUND_MIN;
}

static bool has_room(struct rate_limit *g)
{
	size_t now = snmp_client_in_flight(g->client);
	if (now >= g->peak)
		g->peak = now + 1; /* this request is one more, if it may leave */
	return now < g->window;
}

bool rate_limit_acquire(struct rate_limit *g, struct device *dev, struct rate_wait *wait)
{
	uint64_t now = loop_now_ms(g->loop), at = now;
	wait->rate_limit = g;
	if (!wait->has_time) {
		if (dev->next_request_ms > at) {
			at = dev->next_request_ms;
			g->counters.waited_interval++;
		}
		uint64_t subnet_at = reserve_packet(g, &dev->peer.address.sa);
		if (subnet_at > at) {
			at = subnet_at;
			g->counters.waited_subnet++;
		}
		if (at > now && wait_until(g, wait, at))
			return false;
		wait->has_time = true;
	}
	if (!has_room(g) || (!g->is_waking && !list_is_empty(&g->waiting))) {
		g->counters.waited_window++;
		list_push(&g->waiting, &wait->node);
		if (!due_is_set(&g->wake))
			set_wake(g, WAKE_MS);
		return false;
	}
	wait->has_time = false;
	return true;
}

static void on_wake(struct due *due)
{
	struct rate_limit *g = container_of(due, struct rate_limit, wake);
	g->is_waking = true;
	while (!list_is_empty(&g->waiting) && has_room(g)) {
		struct rate_wait *wait =
			container_of(list_pop(&g->waiting), struct rate_wait, node);
		wait->on_rate_ready(wait, 0);
	}
	g->is_waking = false;
	if (!list_is_empty(&g->waiting))
		set_wake(g, WAKE_MS);
}

void rate_limit_cancel(struct rate_wait *wait)
{
	struct rate_limit *g = wait->rate_limit;
	if (!rate_limit_is_waiting(wait))
		return;
	list_remove(&wait->node);
	loop_due_clear(g->loop, &wait->due);
	due_init(&wait->due, on_stopped_due);
	/* In the list of those with a deadline, which is now. */
	if (!wait_until(g, wait, loop_now_ms(g->loop)))
		abort(); /* it was in the heap, or its device had left it */
}

void rate_limit_cancel_all(struct rate_limit *g)
{
	struct list all;
	list_init(&all);
	list_move_all(&all, &g->timed);
	list_move_all(&all, &g->waiting);
	while (!list_is_empty(&all))
		rate_limit_cancel(container_of(all.next, struct rate_wait, node));
}

/* ---- the window ---------------------------------------------------------------------------- */

static void end_round(struct rate_limit *g)
{
	uint64_t drops = snmp_client_drops(g->client);
	bool is_lost = drops > g->drops_seen ||
		       (g->recovered >= LOST_MIN && g->recovered * LOST_PART > g->responses);
	g->counters.drops += drops - g->drops_seen;
	g->drops_seen = drops;
	if (is_lost) {
		g->counters.halved++;
		g->window = halved(g);
	} else {
		g->window = g->window + GROW_BY < g->max ? g->window + GROW_BY : g->max;
	}
	g->responses = g->recovered = g->peak = 0;
}

void rate_limit_on_response(struct rate_limit *g, struct device *dev,
	const struct snmp_response *response, bool was_prompt)
{
	uint64_t interval =
		dev->profile.limits.is_safe_mode && g->min_interval_ms < LIMIT_SAFE_MODE_MS
			? LIMIT_SAFE_MODE_MS
			: g->min_interval_ms;
	dev->next_request_ms = loop_now_ms(g->loop) + interval;
	/* Resends were packets too. */
	for (unsigned i = 1; i < response->tries; i++)
		(void)reserve_packet(g, &dev->peer.address.sa);
	if (response->err == 0) {
		g->responses++;
		g->recovered += was_prompt && response->tries > 1;
	}
	if (g->responses >= round_of(g))
		end_round(g);
	if (!list_is_empty(&g->waiting) && has_room(g))
		set_wake(g, 0);
}

/* ---- life ---------------------------------------------------------------------------------- */

int rate_limit_open(struct rate_limit *g, struct loop *l, struct snmp_client *client,
	const struct rate_limit_options *o)
{
	*g = (struct rate_limit){
		.loop = l, .client = client, .min_interval_ms = o->min_interval_ms};
	list_init(&g->timed);
	list_init(&g->waiting);
	due_init(&g->wake, on_wake);
	g->max = g->window = snmp_client_window(client);
	g->drops_seen = snmp_client_drops(client);
	if (o->subnet_rate == 0)
		return 0;
	g->packet_us = (1000000 + o->subnet_rate - 1) / o->subnet_rate;
	g->buckets = calloc(LIMIT_SUBNETS, sizeof g->buckets[0]);
	return g->buckets == NULL ? -ENOMEM : 0;
}

void rate_limit_close(struct rate_limit *g)
{
	if (g->loop == NULL)
		return;
	loop_due_clear(g->loop, &g->wake);
	free(g->buckets);
	g->buckets = NULL;
}
