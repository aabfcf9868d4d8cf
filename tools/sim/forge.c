/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/sim/forge.h"

#include "proto/smi/request.h"

#include <stdlib.h>
#include <string.h>

enum { TAG_REPORT = 0xa8, TAG_TRAP = 0xa7 };

/* Replaces all values by others of the same types. */
static void falsify_values(struct ber_in list, unsigned number)
{
	struct ber_in vb, name, value;
	uint8_t type;
	while (ber_take(&list, BER_SEQUENCE, &vb) == 0 && ber_take(&vb, BER_OID, &name) == 0 &&
		ber_take_any(&vb, &type, &value) == 0) {
		size_t len = (size_t)(value.end - value.p);
		uint8_t *at = (uint8_t *)(uintptr_t)value.p;
		if (type == BER_OCTETS && len > 0)
			memset(at, 'F', len);
		else if (type != BER_OID && len > 0)
			at[len - 1] ^= (uint8_t)(0x2a + number % 5);
	}
}

/* Changes the last byte of the first name. */
static void change_name(struct ber_in list)
{
	struct ber_in vb, name;
	if (ber_take(&list, BER_SEQUENCE, &vb) == 0 && ber_take(&vb, BER_OID, &name) == 0 &&
		name.end > name.p)
		((uint8_t *)(uintptr_t)name.end)[-1] ^= 1;
}

static void change_id(struct ber_in id, unsigned number)
{
	size_t len = (size_t)(id.end - id.p);
	uint64_t r = fleet_hash(number, 0x1d) | 1;
	uint8_t *at = (uint8_t *)(uintptr_t)id.p;
	/* The first byte stays, so that the encoding remains the shortest form. */
	for (size_t i = len > 1 ? 1 : 0; i < len; i++)
		at[i] ^= (uint8_t)(r >> (8 * (len - 1 - i)));
}

/* Applies the part of a forgery that concerns the PDU. */
static void change(struct pdu_bytes *b, enum fault what, unsigned number)
{
	static const struct {
		enum fault what;
		uint8_t tag;
	} tags[] = {{FAULT_FORGE_REPORT, TAG_REPORT}, {FAULT_FORGE_GET, SNMP_GET},
		{FAULT_FORGE_SET, SNMP_SET}, {FAULT_FORGE_TRAP, TAG_TRAP}};
	struct ber_in in = {b->start, b->stop}, pdu, id, status, index, list;
	uint8_t tag;
	if (ber_take_any(&in, &tag, &pdu) < 0 || ber_take(&pdu, BER_INTEGER, &id) < 0 ||
		ber_take(&pdu, BER_INTEGER, &status) < 0 ||
		ber_take(&pdu, BER_INTEGER, &index) < 0 || ber_take(&pdu, BER_SEQUENCE, &list) < 0)
		return;
	falsify_values(list, number);
	if (what == FAULT_FORGE_ID)
		change_id(id, number);
	if (what == FAULT_FORGE_OID)
		change_name(list);
	for (size_t i = 0; i < sizeof tags / sizeof tags[0]; i++)
		if (tags[i].what == what)
			b->start[0] = tags[i].tag;
}

static void forge_one(struct transaction *t, const struct pdu_bytes *b, forge_encode *encode,
	void *owner, enum fault what, unsigned number)
{
	static uint8_t room[RESPONSE_BIG];
	struct transaction other = *t;
	struct response made = {.len = 0};
	size_t at = (size_t)(b->start - t->room), len = (size_t)(b->stop - b->start);
	if (at + len + RESPONSE_SLACK > sizeof room)
		return;
	memcpy(room + at, b->start, len);
	other.room = room;
	struct pdu_bytes forged = {room + at, room + at + len};
	change(&forged, what, number);
	enum forge_way way = what == FAULT_FORGE_SOURCE ? WAY_OTHER_ADDRESS
			     : what == FAULT_FORGE_PORT ? WAY_OTHER_PORT
							: WAY_RIGHT;
	if (encode(&other, owner, what, number, &forged, &made) == 1)
		t->a->send_forged(t->a->forge_owner, made.start, made.len, way);
}

void forge_before(
	struct transaction *t, const struct pdu_bytes *b, forge_encode *encode, void *owner)
{
	const struct faults *faults = t->p->faults;
	for (int what = FAULT_FIRST_FORGED; what < FAULTS; what++) {
		for (unsigned k = 0; k < faults->value[what]; k++) {
			if (what != FAULT_FORGE_REPLAY)
				forge_one(t, b, encode, owner, (enum fault)what, k);
			else if (faults->old_len > 0)
				t->a->send_forged(
					t->a->forge_owner, faults->old, faults->old_len, WAY_RIGHT);
		}
	}
}

void forge_keep(struct printer *p, const struct response *true_one)
{
	struct faults *t = p->faults;
	uint8_t *room = realloc(t->old, true_one->len);
	if (room == NULL)
		return;
	memcpy(room, true_one->start, true_one->len);
	t->old = room;
	t->old_len = true_one->len;
}
