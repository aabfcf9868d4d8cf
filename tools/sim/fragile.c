/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/sim/fragile.h"

#include "proto/smi/snmpmsg.h"
#include "tools/sim/faults.h"

static enum death what_kills(const struct talk *t, const struct ask *q, const struct plan *k)
{
	const uint32_t *v = t->p->faults->value;
	if (v[FAULT_DIES_SET] != 0 && q->pdu == SNMP_SET)
		return DEATH_SET;
	if (v[FAULT_DIES_BULK] != 0 && q->pdu == SNMP_GETBULK)
		return DEATH_BULK;
	if (v[FAULT_DIES_VARBINDS] != 0 && k->asked > v[FAULT_DIES_VARBINDS])
		return DEATH_VARBINDS;
	if (v[FAULT_DIES_BYTES] != 0 && t->len > v[FAULT_DIES_BYTES])
		return DEATH_BYTES;
	if (v[FAULT_DIES_MISSING] != 0 && k->missing > 0)
		return DEATH_MISSING;
	if (v[FAULT_DIES_RATE] != 0 && t->ledger->in_second > v[FAULT_DIES_RATE])
		return DEATH_RATE;
	return DEATH_NOT;
}

bool fragile_dies(struct talk *t, const struct ask *q, const struct plan *k)
{
	struct ledger *l = t->ledger;
	struct ber_in in = {q->id, q->id + q->id_len};
	int32_t id = 0;
	if (ber_take_i32(&in, &id) < 0)
		id = 0;
	uint64_t hash = ledger_hash(q->key, q->key_len, q->pdu);
	ledger_meets(l, hash, id, t->now_ms);
	if (l->is_dead)
		return true;
	enum death of = what_kills(t, q, k);
	if (of == DEATH_NOT)
		return false;
	ledger_dies(l, of, hash, id, t->now_ms, t->bytes, t->len);
	return true;
}
