/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/sim/crash.h"

#include "proto/smi/request.h"
#include "tools/sim/faults.h"

static enum crash_cause crash_cause_of(
	const struct transaction *t, const struct request *q, const struct plan *k)
{
	const uint32_t *v = t->p->faults->value;
	if (v[FAULT_CRASH_ON_SET] != 0 && q->pdu == SNMP_SET)
		return CRASH_SET;
	if (v[FAULT_CRASH_ON_BULK] != 0 && q->pdu == SNMP_GETBULK)
		return CRASH_BULK;
	if (v[FAULT_CRASH_ON_VARBINDS] != 0 && k->names > v[FAULT_CRASH_ON_VARBINDS])
		return CRASH_VARBINDS;
	if (v[FAULT_CRASH_ON_BYTES] != 0 && t->len > v[FAULT_CRASH_ON_BYTES])
		return CRASH_BYTES;
	if (v[FAULT_CRASH_ON_MISSING] != 0 && k->missing > 0)
		return CRASH_MISSING;
	if (v[FAULT_CRASH_ON_RATE] != 0 && t->traffic->in_second > v[FAULT_CRASH_ON_RATE])
		return CRASH_RATE;
	return CRASH_NONE;
}

bool crash_check(struct transaction *t, const struct request *q, const struct plan *k)
{
	struct traffic *l = t->traffic;
	struct ber_in in = {q->id, q->id + q->id_len};
	int32_t id = 0;
	if (ber_take_i32(&in, &id) < 0)
		id = 0;
	uint64_t hash = traffic_hash(q->key, q->key_len, q->pdu);
	traffic_note_fatal(l, hash, id, t->now_ms);
	if (l->is_crashed)
		return true;
	enum crash_cause of = crash_cause_of(t, q, k);
	if (of == CRASH_NONE)
		return false;
	traffic_crash(l, of, hash, id, t->now_ms, t->bytes, t->len);
	return true;
}
