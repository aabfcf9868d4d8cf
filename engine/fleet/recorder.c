/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/fleet/recorder.h"

#include "proto/walk_write.h"

#include <string.h>

enum { FIRST_REPETITIONS = 16 };

static void on_reply(void *owner, const struct snmp_reply *reply);

/* The next sub-tree, if there is one. */
static bool enter_subtree(struct recorder *r)
{
	const char *dotted = walk_subtree(r->subtree++);
	struct oid oid;
	if (dotted == NULL || oid_from_text(&oid, dotted) < 0)
		return false;
	int n = oid_encode(r->root, sizeof r->root, &oid);
	if (n < 0)
		return false;
	r->root_len = (size_t)n;
	memcpy(r->at, r->root, r->root_len);
	r->at_len = r->root_len;
	return true;
}

static int ask(struct recorder *r)
{
	struct oid_ber at = {r->at, r->at_len}, none = {NULL, 0};
	snmp_question_begin(&r->question, r->repetitions > 0 ? SNMP_GETBULK : SNMP_GETNEXT);
	r->question.max_repetitions = (uint16_t)r->repetitions;
	int err = snmp_question_add(&r->question, at, none, LIMIT_REQUEST_BYTES);
	return err < 0 ? err : poller_ask(r->poller, r->peer, &r->question, on_reply, r);
}

/* 1: inside the sub-tree and noted; 0: behind its end; negative: an error of the receiver. */
static int take_row(struct recorder *r, const struct varbind *vb)
{
	struct oid_ber root = {r->root, r->root_len}, at = {r->at, r->at_len};
	if (!varbind_has_value(vb) || !oid_ber_has_prefix(vb->name, root) ||
		vb->name.len > sizeof r->at || oid_ber_compare(vb->name, at) <= 0)
		return 0;
	if (++r->rows > LIMIT_RECORD_ROWS)
		return ERR_LIMIT;
	memcpy(r->at, vb->name.p, vb->name.len);
	r->at_len = vb->name.len;
	int err = r->on_row(r->owner, vb);
	return err < 0 ? err : 1;
}

/* What an answer means for the walk: 1 go on here, 0 the sub-tree is over, or an error. */
static int take_answer(struct recorder *r, const struct snmp_reply *reply)
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
	if (reply->error_status != SNMP_NO_ERROR || reply->count == 0)
		return 0; /* SNMPv1 says noSuchName at the end */
	for (size_t i = 0; i < reply->count; i++) {
		int more = take_row(r, &reply->varbinds[i]);
		if (more <= 0)
			return more;
	}
	return 1;
}

/* No answer: smaller, then by GETNEXT, then the sub-tree is left. Silence at first is silence. */
static int take_silence(struct recorder *r, int err)
{
	if (err != ERR_SNMP_TIMEOUT || !r->is_answered)
		return err;
	if (r->repetitions == 0)
		return 0;
	r->repetitions = r->repetitions > 1 ? r->repetitions / 2 : 0;
	return 1;
}

static void on_reply(void *owner, const struct snmp_reply *reply)
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
	r->subtree = 0;
	r->rows = 0;
	r->is_answered = false;
	r->repetitions = r->peer->version == SNMP_V1 ? 0 : FIRST_REPETITIONS;
	return enter_subtree(r) ? ask(r) : ERR_LIMIT;
}
