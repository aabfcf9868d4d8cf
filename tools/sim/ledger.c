/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/sim/ledger.h"

#include <stdlib.h>
#include <string.h>

const char *const death_names[DEATHS] = {
	"nothing", "varbinds", "missing", "rate", "bulk", "bytes", "set"};

/* Eight bytes a step. */
uint64_t ledger_hash(const uint8_t *p, size_t len, uint64_t h)
{
	uint64_t w;
	for (; len >= 8; p += 8, len -= 8) {
		memcpy(&w, p, 8);
		h = (h ^ w) * 0x9fb21c651e98df25ull;
		h ^= h >> 32;
	}
	w = 0;
	memcpy(&w, p, len);
	h = (h ^ w ^ (uint64_t)len << 56) * 0x9fb21c651e98df25ull;
	return h ^ h >> 29;
}

void ledger_received(
	struct ledger *l, const uint8_t *bytes, size_t len, unsigned due, uint64_t now_ms)
{
	uint64_t hash = ledger_hash(bytes, len, 1);
	bool is_again = l->received > 0 && hash == l->last_hash;
	uint64_t gap = now_ms - l->last_ms;
	if (l->received == 0)
		l->min_gap_ms = UINT32_MAX;
	else if (gap < l->min_gap_ms)
		l->min_gap_ms = (uint32_t)gap;
	l->received++;
	l->bytes_in += len;
	l->resent += is_again;
	if (!is_again && due + 1 > l->in_flight_peak)
		l->in_flight_peak = due + 1;
	l->last_hash = hash;
	l->last_ms = now_ms;
	if (now_ms / 1000 != l->second) {
		l->second = now_ms / 1000;
		l->in_second = 0;
	}
	if (++l->in_second > l->per_second_peak)
		l->per_second_peak = l->in_second;
	if (len > l->largest)
		l->largest = (uint32_t)len;
	if (l->answers == 0)
		l->largest_before = l->largest;
}

void ledger_answered(struct ledger *l, size_t len)
{
	l->answers++;
	l->bytes_out += len;
}

void ledger_meets(struct ledger *l, uint64_t hash, int32_t id, uint64_t now_ms)
{
	uint32_t kept = l->killers < LEDGER_KILLERS ? l->killers : LEDGER_KILLERS;
	for (uint32_t i = 0; i < kept; i++) {
		const struct killer *k = &l->killer[i];
		if (k->hash != hash || now_ms - k->at_ms >= LEDGER_DAY_MS)
			continue;
		if (k->id == id)
			l->killing_resent++;
		else
			l->killing_again++;
		return;
	}
}

void ledger_dies(struct ledger *l, enum death of, uint64_t hash, int32_t id, uint64_t now_ms,
	const uint8_t *bytes, size_t len)
{
	l->deaths++;
	l->died_of = (uint8_t)of;
	l->is_dead = true;
	/* Of too many questions none is the killer. */
	if (of != DEATH_RATE)
		l->killer[l->killers++ % LEDGER_KILLERS] = (struct killer){hash, now_ms, id};
	if (l->question == NULL)
		l->question = malloc(LEDGER_QUESTION);
	l->question_len = 0;
	if (l->question == NULL)
		return;
	l->question_len = (uint16_t)(len < LEDGER_QUESTION ? len : LEDGER_QUESTION);
	memcpy(l->question, bytes, l->question_len);
}
