/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/sim/responder.h"

#include "proto/base/str.h"
#include "proto/smi/request.h"
#include "tools/sim/pdu.h"
#include "tools/sim/forge.h"
#include "tools/sim/damage.h"
#include "tools/sim/faults.h"
#include "tools/sim/v3.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

const char *const report_names[REPORTS] = {"", "unsupported_levels", "not_in_windows",
	"unknown_users", "unknown_engines", "wrong_digests", "decryption_errors",
	"unknown_contexts", "unknown_handlers"};

int responder_open(struct responder *a, struct fleet *f, const char *community, size_t max_response)
{
	*a = (struct responder){.fleet = f,
		.community = community,
		.community_len = strlen(community),
		.max_response = max_response,
		.random = f->seed};
	a->salt = fleet_hash(f->seed, 0x5a17);
	int err = users_open(&a->users);
	if (err < 0)
		return err;
	a->plans = calloc(PLAN_SLOTS, sizeof *a->plans);
	a->scratch = plan_new();
	if (a->plans == NULL || a->scratch == NULL) {
		responder_close(a);
		return -ENOMEM;
	}
	return 0;
}

void responder_drop_plan(struct responder *a, size_t place)
{
	struct plan *k = a->plans[place];
	a->plans[place] = k->next;
	a->plan_count--;
	plan_free(k);
}

void responder_close(struct responder *a)
{
	for (size_t i = 0; a->plans != NULL && i < PLAN_SLOTS; i++)
		while (a->plans[i] != NULL)
			responder_drop_plan(a, i);
	free(a->plans);
	plan_free(a->scratch);
	users_close(&a->users);
	a->plans = NULL;
	a->scratch = NULL;
}

/* A decoded SNMPv1 or v2c message. */
struct head {
	const uint8_t *before_pdu; /* version and community, copied into the response */
	size_t before_pdu_len;
	struct text community;
	struct request request;
};

/* 0 or an error. */
static int read_head(const struct responder *a, const uint8_t *bytes, size_t len, struct head *h)
{
	struct ber_in in = {bytes, bytes + len}, msg, community;
	int32_t version;
	*h = (struct head){0};
	if (ber_take(&in, BER_SEQUENCE, &msg) < 0 || in.p != in.end)
		return ERR_FORMAT;
	h->before_pdu = msg.p;
	if (ber_take_i32(&msg, &version) < 0 || version < SNMP_V1 || version > SNMP_V2C)
		return ERR_FORMAT;
	if (ber_take(&msg, BER_OCTETS, &community) < 0)
		return ERR_FORMAT;
	h->before_pdu_len = (size_t)(msg.p - h->before_pdu);
	struct request *q = &h->request;
	if (pdu_read(&msg, (uint8_t)version, q) < 0 || msg.p != msg.end)
		return ERR_FORMAT;
	h->community =
		(struct text){(const char *)community.p, (size_t)(community.end - community.p)};
	/* Outer header 4, PDU header 4, error-status 3, error-index 4, list header 4. */
	size_t frame = h->before_pdu_len + q->id_len + 19;
	if (frame > RESPONSE_HEAD)
		return ERR_FORMAT;
	q->room = a->max_response > frame ? a->max_response - frame : 0;
	return 0;
}

/* The rows of a community: "COMMUNITY" or "COMMUNITY@CONTEXT", by which many agents offer their
 * SNMPv3 contexts to SNMPv1 and v2c. NULL: a wrong community. */
static const struct row_table *rows_for(
	const struct responder *a, const struct profile *p, struct text community)
{
	size_t n = a->community_len;
	if (community.len < n || memcmp(community.p, a->community, n) != 0)
		return NULL;
	if (community.len == n)
		return &p->table;
	struct text context = {community.p + n + 1, community.len - n - 1};
	return community.p[n] == '@' && context.len > 0 && text_is(context, p->context)
		       ? &p->context_table
		       : NULL;
}

static bool is_spoken(const struct printer *p, uint8_t version)
{
	if (p->faults == NULL)
		return true;
	if (version == SNMP_V3)
		return !fault(p, FAULT_NO_V3) && !fault(p, FAULT_ONLY_V1);
	if (fault(p, FAULT_ONLY_V3))
		return false;
	return version == SNMP_V1 ? !fault(p, FAULT_NO_V1)
				  : !fault(p, FAULT_NO_V2C) && !fault(p, FAULT_ONLY_V1);
}

static int refuse(struct transaction *t, uint64_t *count)
{
	++*count;
	t->traffic->refused++;
	return 0;
}

/* Encodes the message around a PDU, with the request's version and community. */
static void encode_community(const struct head *h, const struct pdu_bytes *b, struct response *ret)
{
	uint8_t *start = b->start - h->before_pdu_len;
	memcpy(start, h->before_pdu, h->before_pdu_len);
	start = pdu_header(start, b->stop, BER_SEQUENCE);
	ret->start = start;
	ret->len = (size_t)(b->stop - start);
}

static int forge_community(struct transaction *t, void *owner, enum fault what, unsigned number,
	const struct pdu_bytes *b, struct response *ret)
{
	const struct head *h = owner;
	(void)t;
	if (what == FAULT_FORGE_LEVEL || what == FAULT_FORGE_ENGINE || what == FAULT_FORGE_DIGEST ||
		what == FAULT_FORGE_MSGID)
		return 0;
	encode_community(h, b, ret);
	uint8_t *head = b->start - h->before_pdu_len;
	/* The version is the third byte; the community ends where the PDU begins. */
	if (what == FAULT_FORGE_VERSION)
		head[2] ^= 1;
	if (what == FAULT_FORGE_COMMUNITY)
		b->start[-1] ^= (uint8_t)(1 + number % 7);
	return 1;
}

/* SNMPv1 and v2c. */
static int respond_community(struct transaction *t, struct response *ret)
{
	struct responder_counts *c = &t->a->counts;
	struct head h;
	struct pdu_bytes b;
	if (read_head(t->a, t->bytes, t->len, &h) < 0) {
		c->malformed++;
		return 0;
	}
	pdu_count(t, &h.request);
	if (!is_spoken(t->p, h.request.version))
		return refuse(t, &c->other_version);
	const struct row_table *rows = rows_for(t->a, t->p->profile, h.community);
	if (rows == NULL)
		return refuse(t, &c->wrong_community);
	int err = pdu_respond(t, rows, &h.request, &b);
	if (err <= 0) {
		c->malformed += err < 0;
		return 0;
	}
	encode_community(&h, &b, ret);
	if (t->p->faults == NULL)
		return 1;
	if (t->p->faults->is_forging)
		forge_before(t, &b, forge_community, &h);
	if (fault(t->p, FAULT_GARBAGE))
		ret->start = damage_garbage(t, ret->start, ret->len, &ret->len);
	return ret->len > 0;
}

static bool is_v3(const uint8_t *request, size_t len)
{
	struct ber_in in = {request, request + len}, msg;
	int32_t version;
	return ber_take(&in, BER_SEQUENCE, &msg) == 0 && ber_take_i32(&msg, &version) == 0 &&
	       version == SNMP_V3;
}

struct printer *responder_printer(struct responder *a, uint32_t address)
{
	for (size_t i = 0; i < a->denied_count; i++)
		a->counts.denied += (address & a->denied[i].mask) == a->denied[i].network;
	long number = addresses_find(&a->fleet->addresses, address);
	if (number >= 0)
		return &a->fleet->printers[number];
	a->counts.unknown_address++;
	return NULL;
}

/* Faults that delay, duplicate or redirect the response. */
static void apply_delivery_faults(struct printer *p, struct response *ret)
{
	struct faults *t = p->faults;
	ret->late_ms = t->value[FAULT_SLOW];
	if (t->value[FAULT_LATE] > 0 && ++t->requests % 2 == 0)
		ret->late_ms += t->value[FAULT_LATE];
	ret->copies += t->value[FAULT_COPIES];
	if (t->value[FAULT_WRONG_SOURCE] != 0)
		ret->way = WAY_OTHER_ADDRESS;
	else if (t->value[FAULT_WRONG_PORT] != 0)
		ret->way = WAY_OTHER_PORT;
	if (t->value[FAULT_FORGE_REPLAY] != 0)
		forge_keep(p, ret);
}

int responder_respond(struct responder *a, struct printer *p, uint8_t *request, size_t len,
	uint64_t now_ms, uint8_t *room, struct response *ret)
{
	struct responder_counts *c = &a->counts;
	struct fleet *f = a->fleet;
	struct transaction t = {.a = a,
		.p = p,
		.now_ms = now_ms,
		.bytes = request,
		.len = len,
		.traffic = &f->traffic[fleet_number(f, p)],
		.room = room};
	t.vars = fleet_now(f, p, now_ms);
	if (!p->is_up) {
		c->silent++;
		return 0;
	}
	*ret = (struct response){.printer = p, .traffic = t.traffic};
	int sends = 0;
	if (!is_v3(request, len))
		sends = respond_community(&t, ret);
	else if (is_spoken(p, SNMP_V3))
		sends = v3_respond(&t, request, ret);
	else
		sends = refuse(&t, &c->other_version);
	/* A crashed printer sends no Reports either. */
	if (sends == 0 || t.traffic->is_crashed)
		return 0;
	if (p->broken != BROKEN_NOT)
		damage_broken(a, p, ret);
	if (p->faults != NULL)
		apply_delivery_faults(p, ret);
	c->responses++;
	traffic_responded(t.traffic, ret->len);
	return 1;
}
