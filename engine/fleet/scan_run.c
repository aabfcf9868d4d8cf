/* SPDX-License-Identifier: Apache-2.0
 * Life of a scan, and stage 1: which addresses respond. */
#include "proto/base/str.h"
#include "engine/fleet/scan_internal.h"
#include "proto/smi/engine_id.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

/* ---- whom, and with what ---------------------------------------------------------------- */

struct scan_credential scan_credential_of(const struct conf_credential *c, struct usm_user *user)
{
	return (struct scan_credential){.name = c->name,
		.version = c->version,
		.community = c->community,
		.community_len = c->community_len,
		.user = user,
		.context = c->context,
		.context_len = c->context != NULL ? strlen(c->context) : 0,
		.bound = c};
}

bool scan_credential_fits(const struct scan_credential *c, const struct sockaddr *sa)
{
	return c->bound == NULL || conf_credential_fits(c->bound, sa);
}

int scan_stored_credential(const struct scan *s, const struct sockaddr *sa)
{
	return s->options.stored_credential == NULL ? SCAN_NONE_KNOWN
						    : s->options.stored_credential(s->owner, sa);
}

/* The nth credential that may be shown to this address in a pass of this version; NULL: none. */
static const struct scan_credential *scan_credential_for(
	const struct scan *s, const struct sockaddr *sa, uint8_t version, unsigned nth)
{
	int first = scan_stored_credential(s, sa);
	if (first == SCAN_NONE_WORKS)
		return NULL;
	for (size_t i = 0; i <= s->options.credential_count; i++) {
		/* The stored one, then the others in their order. */
		size_t at = i == 0 ? (size_t)first : i - 1;
		if (at >= s->options.credential_count || (i > 0 && at == (size_t)first))
			continue;
		const struct scan_credential *c = &s->options.credentials[at];
		bool is_meant =
			c->version == version || (version == SNMP_V1 && c->version == SNMP_V2C);
		if (is_meant && scan_credential_fits(c, sa) && nth-- == 0)
			return c;
	}
	return NULL;
}

/* Rules that name addresses alone apply before any response. */
static bool is_left_out(const struct agent_conf *conf, const struct sockaddr *sa)
{
	bool may_be_included = conf->discovery_include == NULL;
	const struct conf_rule *r = conf->discovery_include;
	for (; r != NULL && !may_be_included; r = (const struct conf_rule *)r->item.next)
		may_be_included = r->addresses == NULL || conf_nets_has(r->addresses, sa);
	return !may_be_included || conf_rules_fit(conf->discovery_exclude, sa, NULL, NULL, NULL);
}

static enum scan_mark first_mark(const struct scan *s, const struct sockaddr *sa)
{
	const struct agent_conf *conf = s->options.conf;
	if (conf != NULL && !agent_conf_is_allowed(conf, sa))
		return SCAN_DENIED;
	if (conf != NULL && is_left_out(conf, sa))
		return SCAN_LEFT_OUT;
	bool is_read = s->options.is_read != NULL && s->options.is_read(s->owner, sa);
	return is_read ? SCAN_READ : SCAN_SILENT;
}

/* ---- queues of records ------------------------------------------------------------------ */

void scan_queue_push(struct scan *s, struct scan_queue *q, struct scan_found *f)
{
	uint32_t number = 1 + (uint32_t)scan_table_number_of(&s->table, f);
	f->queued = 0;
	if (q->last != 0)
		scan_table_at(&s->table, q->last - 1)->queued = number;
	else
		q->first = number;
	q->last = number;
}

struct scan_found *scan_queue_pop(struct scan *s, struct scan_queue *q)
{
	if (q->first == 0)
		return NULL;
	struct scan_found *f = scan_table_at(&s->table, q->first - 1);
	q->first = f->queued;
	if (q->first == 0)
		q->last = 0;
	return f;
}

/* ---- answers ---------------------------------------------------------------------------- */

static void take_engine(struct scan *s, struct scan_found *f, const struct usm_message *head)
{
	f->ways |= SCAN_BY_V3;
	if (f->engine_len != 0)
		return;
	f->engine_len = head->engine_id_len;
	memcpy(f->engine, head->engine_id, head->engine_id_len);
	f->engine_boots = head->boots;
	f->engine_began_ms = loop_now_ms(s->loop) - (uint64_t)head->time * 1000;
	if (!f->has_mac)
		f->has_mac = engine_id_mac(f->engine, f->engine_len, f->mac);
}

static void heard(struct scan *s, uint32_t number, const struct scan_answer *a,
	const struct scan_credential *c)
{
	struct scan_found *f = scan_table_add(&s->table, number);
	s->marks[number] = f != NULL ? SCAN_RESPONDED : SCAN_NO_RECORD;
	if (f == NULL)
		return;
	if (a->version == SNMP_V3) {
		take_engine(s, f, &a->head);
	} else {
		f->ways |= a->version == SNMP_V1 ? SCAN_BY_V1 : SCAN_BY_V2C;
		if (f->credential == 0) {
			f->credential = (uint8_t)(1 + (c - s->options.credentials));
			f->version = a->version;
		}
	}
	if (f->stage == SCAN_PROBING)
		scan_identify_responded(s, f);
}

/* Whether these bytes respond to a probe of this scan to that address. */
static bool is_believed(const struct scan *s, uint32_t number, const struct sockaddr *from,
	const struct scan_answer *a, const struct scan_credential **ret)
{
	for (unsigned i = 0; i < s->pass_count && i <= s->pass; i++) {
		struct scan_pass pass = s->passes[i];
		if (pass.version != a->version || scan_cookie(&s->key, number, pass) != a->id)
			continue;
		if (pass.version == SNMP_V3)
			return true;
		*ret = scan_credential_for(s, from, pass.version, pass.nth);
		return *ret != NULL && a->community_len == (*ret)->community_len &&
		       memcmp(a->community, (*ret)->community, a->community_len) == 0;
	}
	return false;
}

static void on_datagram(void *owner, const uint8_t *bytes, size_t len, const struct sockaddr *from)
{
	struct scan *s = owner;
	struct scan_answer a;
	const struct scan_credential *c = NULL;
	uint32_t number = 0;
	bool is_asked = scan_order_find(&s->order, from, &number) &&
			s->marks[number] >= SCAN_SILENT && s->marks[number] < SCAN_NO_RECORD;
	if (s->is_over || !is_asked || scan_answer_parse(&a, bytes, len) < 0 ||
		!is_believed(s, number, from, &a, &c)) {
		s->counts.strays++;
		return;
	}
	heard(s, number, &a, c);
}

static void on_refused(void *owner, const struct sockaddr *to, int err)
{
	struct scan *s = owner;
	uint32_t number;
	if (!s->is_over && scan_order_find(&s->order, to, &number) &&
		s->marks[number] == SCAN_SILENT)
		s->marks[number] = err == -ECONNREFUSED ? SCAN_REFUSED : SCAN_UNREACHABLE;
}

/* ---- probes ----------------------------------------------------------------------------- */

static bool is_for_heard(const struct scan *s)
{
	return s->pass >= s->heard_from && s->pass < s->heard_to;
}

/* Whether this address is probed in this pass; returns the address in `sa`. */
static bool is_due(struct scan *s, struct scan_pass pass, uint32_t number, struct sockaddr *sa,
	const struct scan_credential **ret)
{
	const struct scan_range *range = scan_order_at(&s->order, number, sa);
	if (s->marks[number] == SCAN_NOT_PROBED)
		s->marks[number] = (uint8_t)first_mark(s, sa);
	if (s->marks[number] == SCAN_RESPONDED) {
		struct scan_found *f = scan_table_find(&s->table, number);
		if (f == NULL || f->stage != SCAN_PROBING || pass.version == SNMP_V3) {
			if (f != NULL && pass.version != SNMP_V3)
				f->is_passed_over = true;
			return false;
		}
	} else if (s->marks[number] != SCAN_SILENT) {
		return false;
	}
	if (is_for_heard(s) && s->marks[number] != SCAN_RESPONDED)
		return false;
	if (pass.version == SNMP_V3)
		return true;
	if (pass.version == SNMP_V1 && (!range->allows_v1 || s->marks[number] != SCAN_SILENT))
		return false;
	*ret = scan_credential_for(s, sa, pass.version, pass.nth);
	return *ret != NULL;
}

/* 1: sent; 0: this address is not probed in this pass; negative: not now. */
static int probe(struct scan *s, uint32_t number)
{
	struct scan_slot *slot = &s->slots[s->slot];
	struct scan_pass pass = s->passes[s->pass];
	const struct scan_credential *c = NULL;
	if (slot->send.is_queued)
		return ERR_FULL;
	if (!is_due(s, pass, number, (struct sockaddr *)&slot->to, &c))
		return 0;
	int len = scan_probe_encode(slot->bytes, pass, c != NULL ? c->community : NULL,
		c != NULL ? c->community_len : 0, scan_cookie(&s->key, number, pass));
	if (len < 0)
		return 0; /* no credential of the configuration is so long */
	slot->send.bytes = slot->bytes;
	slot->send.len = (size_t)len;
	slot->send.to = (const struct sockaddr *)&slot->to;
	slot->send.to_len = slot->to.sin6_family == AF_INET6 ? sizeof(struct sockaddr_in6)
							     : sizeof(struct sockaddr_in);
	int err = udp_send(s->udp, 0, &slot->send);
	if (err < 0)
		return err;
	s->slot = (s->slot + 1) % LIMIT_SCAN_QUEUE;
	return 1;
}

static unsigned segment_of(const struct scan *s, uint32_t at)
{
	return (unsigned)((uint64_t)at * SCAN_SEGMENTS / s->order.count);
}

/* The next address; false when this pass was the last. */
static bool advance(struct scan *s, uint64_t now)
{
	unsigned segment = segment_of(s, s->at++);
	if (s->at == s->order.count || segment_of(s, s->at) != segment)
		s->segment_ms[segment] = now;
	if (s->at < s->order.count)
		return true;
	s->at = 0;
	return ++s->pass < s->pass_count;
}

static bool is_too_soon(const struct scan *s, uint64_t now)
{
	uint64_t before = s->segment_ms[segment_of(s, s->at)];
	return s->pass > 0 && now < before + s->options.wait_ms / 2;
}

/* A pass without addresses costs no time. */
static void skip_passes(struct scan *s)
{
	size_t heard = 0;
	for (size_t i = 0; i < scan_table_count(&s->table) && heard == 0; i++)
		heard += scan_table_at(&s->table, i)->stage == SCAN_PROBING;
	if (heard == 0)
		s->pass = s->heard_to;
}

/* Addresses that one loop iteration looks at, probed or not: the loop has other work. */
static void send_probes(struct scan *s, uint64_t now)
{
	enum { LOOKS = 4096 };
	uint32_t left = scan_rate_allows(&s->rate, now);
	if (!s->is_held)
		s->counts.sending_ms += now - s->ticked_ms;
	s->is_held = false;
	if (s->at == 0 && is_for_heard(s))
		skip_passes(s);
	for (unsigned looks = 0; left > 0 && looks < LOOKS && s->pass < s->pass_count; looks++) {
		if (is_too_soon(s, now)) {
			/* A pause of the scan saves up no tokens. */
			scan_rate_begin(&s->rate, s->rate.per_s, now);
			s->is_held = true;
			return;
		}
		int sent = probe(s, scan_order_nth(&s->order, s->at));
		if (sent < 0)
			return;
		if (sent > 0) {
			left--;
			scan_rate_took(&s->rate, 1);
			s->counts.sent++;
			s->last_sent_ms = now;
		}
		if (!advance(s, now))
			return;
	}
}

/* ---- rounds ----------------------------------------------------------------------------- */

/* One round: v3 for all, then one community after the other, then the same by v1 where ranges allow
 * it. */
static void plan_round(struct scan *s)
{
	size_t words = 0, v1_words = 0;
	bool allows_v1 = false;
	for (size_t i = 0; i < s->options.credential_count; i++) {
		words += s->options.credentials[i].version == SNMP_V2C;
		v1_words += s->options.credentials[i].version != SNMP_V3;
	}
	for (size_t i = 0; i < s->order.range_count; i++)
		allows_v1 = allows_v1 || s->order.ranges[i].allows_v1;
	unsigned tries = s->options.tries < LIMIT_SCAN_TRIES ? s->options.tries : LIMIT_SCAN_TRIES;
	s->passes[s->pass_count++] = (struct scan_pass){SNMP_V3, 0};
	for (unsigned i = 0; i < words && i < tries; i++)
		s->passes[s->pass_count++] = (struct scan_pass){SNMP_V2C, (uint8_t)i};
	for (unsigned i = 0; allows_v1 && i < v1_words && i < tries; i++)
		s->passes[s->pass_count++] = (struct scan_pass){SNMP_V1, (uint8_t)i};
	s->counts.rounds++;
}

static void plan_passes(struct scan *s)
{
	if (s->order.count == 0)
		return;
	plan_round(s);
	unsigned round_passes = s->pass_count;
	/* A sleeping printer wakes up by the first packet and responds to a later one. */
	uint64_t probes = (uint64_t)s->order.count * round_passes;
	bool is_short = probes * 1000 / s->options.per_s <= LIMIT_SCAN_ROUND_MS;
	unsigned rounds = s->options.rounds != 0 ? s->options.rounds : is_short ? 2 : 1;
	while (s->counts.rounds < rounds && s->counts.rounds < LIMIT_SCAN_ROUNDS)
		plan_round(s);
	/* A device that responded to the v3 probe and to no community needs another credential,
	 * unless a datagram was lost: its communities are probed again. */
	s->heard_from = s->pass_count;
	for (unsigned i = 0; i < round_passes; i++) {
		if (s->passes[i].version == SNMP_V2C)
			s->passes[s->pass_count++] = s->passes[i];
	}
	s->heard_to = s->pass_count;
}

uint64_t scan_missed_thousandths(uint64_t found, uint64_t requests, uint64_t lost, unsigned rounds)
{
	double rate = requests > 0 ? (double)lost / (double)requests : 0, all = 1;
	for (unsigned i = 0; i < rounds; i++)
		all *= rate;
	return all < 1 ? (uint64_t)((double)found * all / (1 - all) * 1000) : found * 1000;
}

static uint64_t missed(const struct scan *s)
{
	return scan_missed_thousandths(scan_table_count(&s->table), s->counts.requests,
		s->counts.lost, (unsigned)s->counts.rounds);
}

/* All probes are sent, and the time for late responses is over: whether silent addresses get one
 * more round. */
static bool has_another_round(struct scan *s)
{
	enum { HALF_A_DEVICE = 500 };
	if (s->options.rounds != 0 || s->is_stopping || s->pass_count == 0 ||
		s->counts.rounds == LIMIT_SCAN_ROUNDS || missed(s) < HALF_A_DEVICE)
		return false;
	plan_round(s);
	return true;
}

/* ---- turns ------------------------------------------------------------------------------ */

/* By devices, once it is known which address stands for each. */
static void count_devices(struct scan *s)
{
	struct scan_counts *c = &s->counts;
	memset(c->by_class, 0, sizeof c->by_class);
	c->doubles = 0;
	for (size_t i = 0; i < scan_table_count(&s->table); i++) {
		const struct scan_found *f = scan_table_at(&s->table, i);
		if (f->same_as != 0)
			c->doubles++;
		else
			c->by_class[f->class]++;
	}
}

static void finish(struct scan *s)
{
	s->is_over = true;
	scan_table_choose(&s->table);
	count_devices(s);
	s->ended_ms = loop_now_ms(s->loop);
	s->events.on_end(s->owner);
}

static void on_tick(struct due *due)
{
	struct scan *s = container_of(due, struct scan, tick);
	uint64_t now = loop_now_ms(s->loop);
	if (s->pass < s->pass_count && !s->is_stopping)
		send_probes(s, now);
	s->ticked_ms = now;
	bool is_sent = s->pass == s->pass_count || s->is_stopping;
	bool is_waited = s->is_stopping || s->counts.sent == 0 ||
			 now >= s->last_sent_ms + s->options.wait_ms;
	if (is_sent && is_waited && !s->is_probed && !has_another_round(s)) {
		s->is_probed = true;
		scan_identify_rest(s);
		scan_port_probe_silent(s);
	}
	scan_identify_work(s);
	scan_port_probe_work(s);
	bool is_idle = s->ready.first == 0 && s->polling == 0 && scan_port_probe_is_idle(s);
	if (s->is_probed && is_idle) {
		finish(s);
		return;
	}
	if (loop_due_set(s->loop, &s->tick, now + SCAN_TICK_MS) < 0)
		finish(s); /* the loop was opened with a place for it, so this does not come */
}

/* ---- life ------------------------------------------------------------------------------- */

static int open_parts(struct scan *s)
{
	uint8_t secret[16];
	if (getrandom(secret, sizeof secret, 0) != (ssize_t)sizeof secret)
		return -EIO;
	s->key = sip_key_of(secret);
	int err = scan_order_open(&s->order, s->options.ranges, s->options.range_count, s->key);
	if (err == 0) {
		size_t most = s->options.found_max < LIMIT_SCAN_FOUND ? s->options.found_max
								      : LIMIT_SCAN_FOUND;
		most = most < s->order.count ? most : s->order.count;
		err = scan_table_open(&s->table, most > 0 ? most : 1, s->key);
	}
	if (err < 0)
		return err;
	s->marks = calloc(s->order.count + 1, 1);
	s->slots = calloc(LIMIT_SCAN_QUEUE, sizeof s->slots[0]);
	if (s->marks == NULL || s->slots == NULL)
		return -ENOMEM;
	err = udp_open(&s->udp, s->loop, 1, LIMIT_SCAN_QUEUE, on_datagram, s);
	if (err == 0) {
		udp_watch_refusals(s->udp, on_refused);
		err = scan_identify_open(s);
	}
	return err;
}

int scan_start(struct scan **ret, struct loop *l, struct snmp_client *client,
	const struct scan_options *o, const struct scan_events *events, void *owner)
{
	struct scan *s = calloc(1, sizeof *s);
	if (s == NULL)
		return -ENOMEM;
	s->loop = l;
	s->client = client;
	s->options = *o;
	s->events = *events;
	s->owner = owner;
	due_init(&s->tick, on_tick);
	loop_refresh(l);
	s->began_ms = s->ticked_ms = loop_now_ms(l);
	int err = open_parts(s);
	if (err == 0) {
		plan_passes(s);
		scan_rate_begin(&s->rate, o->per_s, s->began_ms);
		err = loop_due_set(l, &s->tick, s->began_ms);
	}
	if (err < 0) {
		scan_close(s);
		return err;
	}
	*ret = s;
	return 0;
}

void scan_stop(struct scan *s)
{
	if (s->is_over || s->is_stopping)
		return;
	s->is_stopping = true;
	scan_identify_stop(s);
	scan_port_probe_stop(s);
}

bool scan_is_stopped(const struct scan *s)
{
	return s->is_stopping;
}

size_t scan_memory_ceiling(size_t addresses)
{
	enum { INDEX_EACH = 4 * 4 * 4 }; /* four keys, at most half full, doubled */
	size_t found = addresses < LIMIT_SCAN_FOUND ? addresses : LIMIT_SCAN_FOUND;
	return sizeof(struct scan) + addresses + found * (sizeof(struct scan_found) + INDEX_EACH) +
	       LIMIT_SCAN_QUEUE * sizeof(struct scan_slot) +
	       LIMIT_SCAN_POLLS * (poll_bytes() + 4 * LIMIT_ARENA_BLOCK) +
	       LIMIT_ARENA_BLOCKS_ONE * LIMIT_ARENA_BLOCK +
	       (size_t)LIMIT_RECV_BATCH * LIMIT_DATAGRAM;
}

void scan_close(struct scan *s)
{
	if (s == NULL)
		return;
	loop_due_clear(s->loop, &s->tick);
	udp_close(s->udp);
	scan_identify_close(s);
	scan_table_close(&s->table);
	scan_order_close(&s->order);
	free(s->marks);
	free(s->slots);
	free(s);
}

void scan_counts(const struct scan *s, struct scan_counts *ret)
{
	*ret = s->counts;
	ret->addresses = s->order.count;
	for (uint32_t i = 0; i < s->order.count; i++)
		ret->by_mark[s->marks[i]]++;
	ret->took_ms = (s->is_over ? s->ended_ms : loop_now_ms(s->loop)) - s->began_ms;
	ret->state_bytes = sizeof *s + s->order.count + scan_table_memory(&s->table) +
			   LIMIT_SCAN_QUEUE * sizeof s->slots[0] +
			   poll_context_memory(s->poll_context);
	ret->missed_thousandths = missed(s);
	ret->pass = s->pass;
	ret->passes = s->pass_count;
	ret->at = s->at;
}
