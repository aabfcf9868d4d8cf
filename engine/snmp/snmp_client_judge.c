/* SPDX-License-Identifier: Apache-2.0
 * Questions with a community, and which answers are believed. A printer's quirks are borne (it may
 * leave names out, answer an error with an empty list, or walk in circles inside its table, which
 * the poll ends); what a stranger could send and a printer would not is refused. */
#include "engine/snmp/snmp_client_internal.h"

#include <string.h>

/* Bytes of a name that two rows of one table have in common at least, however short its column. */
enum { TABLE_BYTES = 8 };

/* A GET brings names that were asked for, in their order; some may be missing. */
static bool get_fits(const struct slot *slot)
{
	const struct snmp_client *s = slot->client;
	const uint8_t *p = slot->pdu.list, *end = p + slot->pdu.list_len;
	struct oid_ber asked;
	for (size_t i = 0; i < s->msg.varbinds; i++) {
		do {
			if (!snmp_list_next(&p, end, &asked))
				return false;
		} while (!oid_ber_is_equal(asked, s->varbinds[i].name));
	}
	return true;
}

/* A walk brings names behind the one asked for, or that name again with no value; one that goes in
 * circles brings earlier ones of the same table. */
static bool follows(struct oid_ber asked, const struct varbind *vb)
{
	size_t n = asked.len < TABLE_BYTES ? asked.len : TABLE_BYTES;
	if (oid_ber_has_prefix(vb->name, (struct oid_ber){asked.p, n}))
		return true;
	return oid_ber_compare(vb->name, asked) > 0;
}

static bool next_fits(const struct slot *slot)
{
	const struct snmp_client *s = slot->client;
	struct oid_ber asked[LIMIT_ASK_OIDS];
	const uint8_t *p = slot->pdu.list, *end = p + slot->pdu.list_len;
	size_t count = 0, fixed = slot->pdu.pdu == SNMP_GETBULK ? slot->pdu.a : 0;
	while (count < LIMIT_ASK_OIDS && snmp_list_next(&p, end, &asked[count]))
		count++;
	if (slot->pdu.pdu == SNMP_GETNEXT && s->msg.varbinds > count)
		return false;
	for (size_t i = 0, at = 0; i < s->msg.varbinds; i++) {
		bool fits = at < count && follows(asked[at], &s->varbinds[i]);
		/* Rows that leave a column out shift the rest. */
		for (size_t j = 0; j < count && !fits; j++)
			fits = follows(asked[j], &s->varbinds[i]);
		if (!fits)
			return false;
		if (++at == count)
			at = fixed < count ? fixed : 0;
	}
	return true;
}

bool snmp_client_names_fit(const struct slot *slot)
{
	const struct snmp_msg *m = &slot->client->msg;
	return slot->pdu.pdu == SNMP_GET || m->error_status != SNMP_NO_ERROR ? get_fits(slot)
									     : next_fits(slot);
}

int snmp_client_encode(struct slot *slot)
{
	int n = snmp_msg_encode(slot->request, sizeof slot->request,
		(enum snmp_version)slot->version, slot->peer->community, slot->peer->community_len,
		slot->request_id, slot->question);
	if (n < 0)
		return n == ERR_FULL ? ERR_LIMIT : n; /* not the window: the message is too long */
	const struct snmp_request *q = slot->question;
	slot->request_len = (uint16_t)n;
	slot->pdu = (struct snmp_pdu_out){.pdu = q->pdu,
		.a = q->non_repeaters,
		.list_len = q->list_len,
		.list = slot->request + n - q->list_len};
	return 0;
}

static uint64_t *judge_community(struct slot *slot)
{
	struct snmp_client *s = slot->client;
	struct snmp_client_counters *c = &s->counters;
	if (snmp_msg_parse(&s->msg, s->varbinds, LIMIT_VARBINDS, s->bytes, s->bytes_len) < 0)
		return &c->malformed;
	if (s->msg.version != slot->version)
		return &c->stray_version;
	if (s->msg.community_len != slot->peer->community_len ||
		memcmp(s->msg.community, slot->peer->community, s->msg.community_len) != 0)
		return &c->stray_community;
	if (s->msg.pdu != SNMP_RESPONSE)
		return &c->stray_type;
	return snmp_client_names_fit(slot) ? NULL : &c->stray_oid;
}

uint64_t *snmp_client_judge(struct slot *slot)
{
	return slot->version == SNMP_V3 ? snmp_client_v3_judge(slot) : judge_community(slot);
}
