/* SPDX-License-Identifier: Apache-2.0
 * The table of requests in flight, by id: 31 unpredictable bits that a forger would have to guess.
 */
#include "engine/snmp/client_internal.h"

#include "engine/loop/crypto.h"

enum { ID_MIN = 1 << 23 };

/* By the low 16 bits only, so that an id of which no more came back is found too. */
static size_t id_hash(const struct snmp_client *s, uint32_t id)
{
	return ((id & 0xffff) * 40503u >> 3) & s->id_mask;
}

struct slot *snmp_inflight_find(const struct snmp_client *s, uint32_t id)
{
	for (size_t i = id_hash(s, id);; i = (i + 1) & s->id_mask) {
		if (s->by_id[i].slot == NULL || s->by_id[i].id == id)
			return s->by_id[i].slot;
	}
}

struct slot *snmp_inflight_find_short(const struct snmp_client *s, uint16_t id)
{
	for (size_t i = id_hash(s, id);; i = (i + 1) & s->id_mask) {
		if (s->by_id[i].slot == NULL || (s->by_id[i].id & 0xffff) == id)
			return s->by_id[i].slot;
	}
}

void snmp_inflight_insert(struct snmp_client *s, uint32_t id, struct slot *slot)
{
	size_t i = id_hash(s, id);
	while (s->by_id[i].slot != NULL)
		i = (i + 1) & s->id_mask;
	s->by_id[i] = (struct id_entry){id, slot};
}

/* Removes and closes the gap, so that no look-up stops early (backward shift). */
void snmp_inflight_remove(struct snmp_client *s, uint32_t id)
{
	size_t i = id_hash(s, id);
	while (s->by_id[i].id != id)
		i = (i + 1) & s->id_mask;
	for (size_t j = i;;) {
		s->by_id[i] = (struct id_entry){0, NULL};
		for (;;) {
			j = (j + 1) & s->id_mask;
			if (s->by_id[j].slot == NULL)
				return;
			size_t home = id_hash(s, s->by_id[j].id);
			if (((j - home) & s->id_mask) >= ((j - i) & s->id_mask))
				break;
		}
		s->by_id[i] = s->by_id[j];
		i = j;
	}
}

/* 31 unpredictable bits, never one that is under way: a forger has to guess it. Always four bytes
 * long in BER, so that a request's length does not depend on it. A device that returns 16 bits
 * gets no more: its source and community must do. */
int snmp_inflight_draw(struct snmp_client *s, bool is_short, uint32_t *ret)
{
	for (;;) {
		if (s->ids_left == 0) {
			int err = crypto_random(s->ids, sizeof s->ids);
			if (err < 0)
				return err;
			s->ids_left = ID_POOL;
		}
		uint32_t id = s->ids[--s->ids_left] & (is_short ? 0xffff : 0x7fffffff);
		if (id >= (is_short ? 1 : ID_MIN) && snmp_inflight_find(s, id) == NULL) {
			*ret = id;
			return 0;
		}
	}
}
