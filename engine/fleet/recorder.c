/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/fleet/recorder.h"

#include "proto/recording/recording_write.h"

#include <string.h>

enum { FIRST_REPETITIONS = 16 };

static void on_response(void *owner, const struct snmp_response *reply);

/* The sub-tree of jobs, people or mail that the name lies in, or NULL. */
static const struct oid_ber *never_of(const struct recorder *r, struct oid_ber name)
{
	for (unsigned i = 0; r->models != NULL && i < r->models->excluded_count; i++) {
		if (oid_ber_has_prefix(name, r->models->excluded[i]))
			return &r->models->excluded[i];
	}
	return NULL;
}

/* The next sub-tree: the least that lies behind the last one, of those that every recording has and
 * of what the model files ask. */
struct next {
	uint8_t ber[LIMIT_OID_BER];
	size_t len;
};

static void offer(const struct recorder *r, struct next *next, struct oid_ber subtree)
{
	struct oid_ber last = {r->root, r->root_len}, least = {next->ber, next->len};
	bool is_walked = last.len > 0 &&
			 (oid_ber_compare(subtree, last) <= 0 || oid_ber_has_prefix(subtree, last));
	if (is_walked || (least.len > 0 && oid_ber_compare(subtree, least) >= 0) ||
		subtree.len > sizeof next->ber || never_of(r, subtree) != NULL)
		return;
	memcpy(next->ber, subtree.p, subtree.len);
	next->len = subtree.len;
}

/* Offers the objects that the model files request. The printer is of one family at most, so a name
 * that the last walk has shown to be absent is left out. */
static void offer_asked(const struct recorder *r, struct next *next, struct oid_ber oid)
{
	struct oid_ber beyond = {r->beyond, r->beyond_len};
	bool is_absent = oid_ber_compare(oid, beyond) < 0 && !oid_ber_has_prefix(beyond, oid);
	if (!r->is_at_end && !is_absent)
		offer(r, next, oid);
}

/* "x.y.0" lies behind x.y, where a walk begins. */
static struct oid_ber parent_of(struct oid_ber oid)
{
	if (oid.len > 0)
		oid.len--;
	while (oid.len > 0 && (oid.p[oid.len - 1] & 0x80) != 0)
		oid.len--;
	return oid;
}

static void offer_models(const struct recorder *r, struct next *next)
{
	const struct models *set = r->models;
	for (unsigned f = 0; set != NULL && f < set->count; f++) {
		const struct model *model = &set->model[f];
		for (unsigned i = 0; i < model->get_count; i++)
			offer_asked(r, next, parent_of(set->get[model->first_get + i].oid));
		for (unsigned i = 0; i < model->table_count; i++) {
			const struct model_table *t = &set->table[model->first_table + i];
			for (unsigned c = 0; c < t->column_count; c++)
				offer_asked(r, next, set->column[t->first_column + c].oid);
		}
	}
}

static bool enter_subtree(struct recorder *r)
{
	struct next next = {.len = 0};
	const char *dotted;
	for (size_t i = 0; (dotted = recording_subtree(i)) != NULL; i++) {
		uint8_t ber[LIMIT_OID_BER];
		struct oid oid;
		int n = oid_from_text(&oid, dotted);
		if (n == 0)
			n = oid_encode(ber, sizeof ber, &oid);
		if (n > 0)
			offer(r, &next, (struct oid_ber){ber, (size_t)n});
	}
	offer_models(r, &next);
	memcpy(r->root, next.ber, next.len);
	memcpy(r->at, next.ber, next.len);
	r->root_len = r->at_len = next.len;
	return next.len > 0;
}

static int ask(struct recorder *r)
{
	struct oid_ber at = {r->at, r->at_len}, none = {NULL, 0};
	snmp_request_begin(&r->request, r->repetitions > 0 ? SNMP_GETBULK : SNMP_GETNEXT);
	r->request.max_repetitions = (uint16_t)r->repetitions;
	int err = snmp_request_add(&r->request, at, none, LIMIT_REQUEST_BYTES);
	return err < 0 ? err : snmp_client_send(r->client, r->peer, &r->request, on_response, r);
}

/* The name of the next sister of this sub-tree into r->at. 1, or 0 if there is none. */
static int next_sister(struct recorder *r, struct oid_ber subtree)
{
	struct oid oid;
	if (oid_decode(&oid, subtree) < 0 || oid.len == 0 || oid.sub[oid.len - 1] == UINT32_MAX)
		return 0;
	oid.sub[oid.len - 1]++;
	int n = oid_encode(r->at, sizeof r->at, &oid);
	r->at_len = n > 0 ? (size_t)n : 0;
	return n > 0 && oid_ber_has_prefix((struct oid_ber){r->at, r->at_len},
				(struct oid_ber){r->root, r->root_len});
}

/* The walk goes on behind this sub-tree, and behind its sisters that are never read either. 1, or
 * 0 if nothing is there. */
static int step_over(struct recorder *r, struct oid_ber subtree)
{
	const struct oid_ber *never = &subtree;
	while (never != NULL) {
		if (next_sister(r, *never) == 0)
			return 0;
		never = never_of(r, (struct oid_ber){r->at, r->at_len});
	}
	return 1;
}

enum { ROW_BEHIND, ROW_NOTED, ROW_SKIPPED };

/* ROW_NOTED: inside the sub-tree and kept; ROW_SKIPPED: it is one that is never read, and the walk
 * went past its sub-tree; ROW_BEHIND: behind the end; negative: an error of the receiver. */
static int take_row(struct recorder *r, const struct varbind *vb)
{
	struct oid_ber root = {r->root, r->root_len}, at = {r->at, r->at_len};
	r->is_at_end = !varbind_has_value(vb);
	if (r->is_at_end || vb->name.len > sizeof r->at || oid_ber_compare(vb->name, at) <= 0)
		return ROW_BEHIND;
	if (!oid_ber_has_prefix(vb->name, root)) {
		memcpy(r->beyond, vb->name.p, vb->name.len);
		r->beyond_len = vb->name.len;
		return ROW_BEHIND;
	}
	const struct oid_ber *never = never_of(r, vb->name);
	if (never != NULL)
		return step_over(r, *never) == 1 ? ROW_SKIPPED : ROW_BEHIND;
	if (++r->rows > LIMIT_RECORD_ROWS)
		return ERR_LIMIT;
	memcpy(r->at, vb->name.p, vb->name.len);
	r->at_len = vb->name.len;
	int err = r->on_row(r->owner, vb);
	return err < 0 ? err : ROW_NOTED;
}

/* After a response: 1 the walk goes on here, 0 the sub-tree is over, or an error. */
static int take_answer(struct recorder *r, const struct snmp_response *reply)
{
	r->is_answered = true;
	if (reply->error_status == SNMP_TOO_BIG && r->repetitions > 1) {
		r->repetitions /= 2;
		return 1;
	}
	if (reply->error_status != SNMP_NO_ERROR && r->repetitions > 0) {
		r->repetitions = 0; /* no GETBULK: the same again by GETNEXT */
		return 1;
	}
	if (reply->error_status != SNMP_NO_ERROR || reply->count == 0) {
		r->is_at_end = true; /* SNMPv1: noSuchName */
		return 0;
	}
	for (size_t i = 0; i < reply->count; i++) {
		int more = take_row(r, &reply->varbinds[i]);
		if (more == ROW_SKIPPED)
			return 1; /* the rest of this response is requested again */
		if (more != ROW_NOTED)
			return more;
	}
	return 1;
}

/* A timeout: smaller, then by GETNEXT, then the sub-tree is left. At the first request it is the
 * end. */
static int take_silence(struct recorder *r, int err)
{
	if (err != ERR_SNMP_TIMEOUT || !r->is_answered)
		return err;
	if (r->repetitions == 0)
		return 0;
	r->repetitions = r->repetitions > 1 ? r->repetitions / 2 : 0;
	return 1;
}

static void on_response(void *owner, const struct snmp_response *reply)
{
	struct recorder *r = owner;
	int more = reply->err == 0 ? take_answer(r, reply) : take_silence(r, reply->err);
	if (more == 0 && !enter_subtree(r)) {
		r->on_end(r->owner, 0);
		return;
	}
	int err = more < 0 ? more : ask(r);
	if (err < 0)
		r->on_end(r->owner, err);
}

int recorder_start(struct recorder *r)
{
	r->root_len = r->beyond_len = 0;
	r->rows = 0;
	r->is_answered = r->is_at_end = false;
	r->repetitions = r->peer->version == SNMP_V1 ? 0 : FIRST_REPETITIONS;
	return enter_subtree(r) ? ask(r) : ERR_LIMIT;
}
