/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/snmp/accept.h"

#include <string.h>

enum { LEVEL = SNMP3_FLAG_AUTH | SNMP3_FLAG_PRIV };

/* ---- names ------------------------------------------------------------------------------ */

/* Bytes of a name that two rows of one table have in common at least, however short its column. */
enum { TABLE_BYTES = 8 };

static struct oid_ber name_of(const struct snmp_names *n, size_t i)
{
	return (struct oid_ber){n->bytes + n->at[i], n->len[i]};
}

/* A GET brings names of the request in their order; some may be missing. */
static bool get_fits(const struct snmp_expected *e, const struct snmp_incoming *in)
{
	size_t at = 0;
	for (size_t i = 0; i < in->count; i++, at++) {
		while (at < e->names.count &&
			!oid_ber_is_equal(name_of(&e->names, at), in->varbinds[i].name))
			at++;
		if (at >= e->names.count)
			return false;
	}
	return true;
}

/* A walk brings names behind the requested one, or that name again with no value; an agent whose
 * order is broken brings earlier ones of the same table. */
static bool follows(struct oid_ber requested, const struct varbind *vb)
{
	if (requested.len >= TABLE_BYTES && vb->name.len >= TABLE_BYTES) {
		if (memcmp(vb->name.p, requested.p, TABLE_BYTES) == 0)
			return true;
	} else if (oid_ber_has_prefix(vb->name, requested)) {
		return true;
	}
	return oid_ber_compare(vb->name, requested) > 0;
}

static bool next_fits(const struct snmp_expected *e, const struct snmp_incoming *in)
{
	size_t count = e->names.count, fixed = e->pdu == SNMP_GETBULK ? e->non_repeaters : 0;
	if (e->pdu == SNMP_GETNEXT && in->count > count)
		return false;
	for (size_t i = 0, at = 0; i < in->count; i++) {
		bool fits = at < count && follows(name_of(&e->names, at), &in->varbinds[i]);
		/* Rows that leave a column out shift the rest. */
		for (size_t j = 0; j < count && !fits; j++)
			fits = follows(name_of(&e->names, j), &in->varbinds[i]);
		if (!fits)
			return false;
		if (++at == count)
			at = fixed < count ? fixed : 0;
	}
	return true;
}

static bool names_fit(const struct snmp_expected *e, const struct snmp_incoming *in)
{
	return e->pdu == SNMP_GET || in->error_status != SNMP_NO_ERROR ? get_fits(e, in)
								       : next_fits(e, in);
}

/* ---- v1 and v2c ------------------------------------------------------------------------- */

static bool is_equal(const void *a, size_t a_len, const void *b, size_t b_len)
{
	return a_len == b_len && (a_len == 0 || memcmp(a, b, a_len) == 0);
}

static enum snmp_reason accept_community(
	const struct snmp_expected *e, const struct snmp_incoming *in)
{
	if (in->err == ERR_VERSION)
		return SNMP_OTHER_VERSION;
	if (in->err < 0 && in->err != ERR_TYPE)
		return SNMP_MALFORMED;
	if (in->version != e->version)
		return SNMP_OTHER_VERSION;
	if (!is_equal(in->community, in->community_len, e->community, e->community_len))
		return SNMP_OTHER_COMMUNITY;
	if (in->pdu != SNMP_RESPONSE)
		return SNMP_OTHER_TYPE;
	if (in->request_id != (long)e->request_id)
		return SNMP_OTHER_ID;
	return names_fit(e, in) ? SNMP_ACCEPTED : SNMP_OTHER_NAMES;
}

/* ---- v3 --------------------------------------------------------------------------------- */

enum usm_trouble usm_report_trouble(const struct varbind *vb, size_t count)
{
	/* usmStats.N.0, snmpUnavailableContexts.0 and snmpUnknownContexts.0 */
	static const uint8_t usm_stats[] = {0x2b, 6, 1, 6, 3, 15, 1, 1};
	static const uint8_t targets[] = {0x2b, 6, 1, 6, 3, 12, 1};
	if (count == 0)
		return USM_TROUBLE_OTHER;
	struct oid_ber name = vb[0].name;
	if (name.len == sizeof usm_stats + 2 && memcmp(name.p, usm_stats, sizeof usm_stats) == 0) {
		uint8_t n = name.p[sizeof usm_stats];
		return n >= 1 && n <= 6 ? (enum usm_trouble)n : USM_TROUBLE_OTHER;
	}
	if (name.len == sizeof targets + 2 && memcmp(name.p, targets, sizeof targets) == 0) {
		uint8_t n = name.p[sizeof targets];
		return n == 4 || n == 5 ? USM_TROUBLE_CONTEXT : USM_TROUBLE_OTHER;
	}
	return USM_TROUBLE_OTHER;
}

static bool is_engine(const struct snmp_expected *e, const uint8_t *id, size_t len)
{
	return usm_engine_is(&e->usm->engine, id, len);
}

static bool is_user(const struct snmp_expected *e, const struct usm_message *m)
{
	return is_equal(m->user, m->user_len, e->usm->user->name, e->usm->user->name_len);
}

static enum snmp_reason accept_pdu(const struct snmp_expected *e, const struct snmp_incoming *in)
{
	if (in->pdu != SNMP_RESPONSE)
		return SNMP_OTHER_TYPE;
	if (in->request_id != (long)e->request_id)
		return SNMP_OTHER_ID;
	if (!is_engine(e, in->scope_engine_id, in->scope_engine_id_len) ||
		!is_equal(in->context, in->context_len, e->usm->context, e->usm->context_len))
		return SNMP_OTHER_CONTEXT;
	return names_fit(e, in) ? SNMP_ACCEPTED : SNMP_OTHER_NAMES;
}

/* Without an HMAC: the response to a user who has no authentication, or a Report. */
static enum snmp_reason accept_unsigned(
	const struct snmp_expected *e, const struct snmp_incoming *in)
{
	if (!in->is_from_source)
		return SNMP_OTHER_SOURCE;
	if (in->err < 0 && in->err != ERR_TYPE)
		return SNMP_MALFORMED;
	if (in->pdu == SNMP_REPORT)
		return SNMP_UNAUTHENTICATED_REPORT;
	if (e->level != 0)
		return SNMP_OTHER_LEVEL;
	if (!is_engine(e, in->usm.engine_id, in->usm.engine_id_len))
		return SNMP_OTHER_ENGINE;
	return is_user(e, &in->usm) ? accept_pdu(e, in) : SNMP_OTHER_USER;
}

static enum snmp_reason accept_authentic(
	const struct snmp_expected *e, const struct snmp_incoming *in)
{
	bool is_private = (in->usm.flags & SNMP3_FLAG_PRIV) != 0;
	if (is_private && !in->is_decrypted)
		return SNMP_WRONG_CIPHER;
	if (in->err < 0 && in->err != ERR_TYPE)
		return is_private ? SNMP_GARBLED : SNMP_MALFORMED;
	if (in->pdu == SNMP_REPORT &&
		usm_report_trouble(in->varbinds, in->count) == USM_TROUBLE_WINDOW)
		return SNMP_REPORT_OF_CLOCK;
	if (in->pdu == SNMP_REPORT || (e->check_id != 0 && in->usm.msg_id == e->check_id))
		return SNMP_REPORT_OF_ERROR;
	if ((in->usm.flags & LEVEL) != e->level)
		return SNMP_OTHER_LEVEL;
	enum snmp_reason reason = accept_pdu(e, in);
	if (reason != SNMP_ACCEPTED)
		return reason;
	return e->is_in_window ? SNMP_ACCEPTED : SNMP_OUT_OF_WINDOW;
}

static enum snmp_reason accept_v3(const struct snmp_expected *e, const struct snmp_incoming *in)
{
	if (in->err == ERR_VERSION)
		return SNMP_OTHER_VERSION;
	if (in->version != SNMP_V3)
		return SNMP_MALFORMED;
	if (e->waiting == SNMP_WAITS_FOR_ENGINE) {
		if (!in->is_from_source)
			return SNMP_OTHER_SOURCE;
		return in->is_probed         ? SNMP_PROBED
		       : in->err == ERR_TYPE ? SNMP_OTHER_TYPE
					     : SNMP_MALFORMED;
	}
	if (e->waiting == SNMP_WAITS_FOR_KEYS)
		return SNMP_OTHER_ID;
	if ((in->usm.flags & SNMP3_FLAG_AUTH) == 0)
		return accept_unsigned(e, in);
	if (!in->is_from_source && !in->is_authentic)
		return SNMP_OTHER_SOURCE;
	if ((in->usm.flags & LEVEL & ~e->level) != 0)
		return SNMP_OTHER_LEVEL;
	if (!is_engine(e, in->usm.engine_id, in->usm.engine_id_len))
		return SNMP_OTHER_ENGINE;
	if (!is_user(e, &in->usm))
		return SNMP_OTHER_USER;
	return in->is_authentic ? accept_authentic(e, in) : SNMP_WRONG_DIGEST;
}

enum snmp_reason snmp_accept(const struct snmp_expected *e, const struct snmp_incoming *in)
{
	if (e->version == SNMP_V3)
		return accept_v3(e, in);
	return in->is_from_source ? accept_community(e, in) : SNMP_OTHER_SOURCE;
}
