/* SPDX-License-Identifier: Apache-2.0
 * A datagram as an SNMPv3 message: the head, what a probe's answer tells, and the scopedPDU as if
 * it were plain. What was believed lies inside the datagram, within its maxima, and encodes to a
 * message that reads the same. */
#include "proto/smi/snmp3.h"

#include "proto/base/str.h"
#include "proto/smi/engine_id.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static void check(bool is_right)
{
	if (!is_right)
		abort();
}

static void check_inside(const uint8_t *bytes, size_t len, const uint8_t *p, size_t n)
{
	check(n <= len && (n == 0 || (p >= bytes && p + n <= bytes + len)));
}

static void check_head(const struct snmp3_msg *m, const uint8_t *bytes, size_t len)
{
	uint32_t id;
	check(m->engine_id_len <= SNMP3_ENGINE_ID && m->user_len <= SNMP3_USER);
	check(m->auth_len <= SNMP3_AUTH_MAX && m->salt_len <= SNMP3_SALT);
	check((m->flags & SNMP3_FLAG_PRIV) == 0 || (m->flags & SNMP3_FLAG_AUTH) != 0);
	check(m->msg_id <= INT32_MAX && m->boots <= INT32_MAX && m->time <= INT32_MAX);
	check_inside(bytes, len, m->engine_id, m->engine_id_len);
	check_inside(bytes, len, m->user, m->user_len);
	check_inside(bytes, len, m->auth, m->auth_len);
	check_inside(bytes, len, m->salt, m->salt_len);
	check_inside(bytes, len, m->data, m->data_len);
	check(snmp3_peek_id(bytes, len, &id) == 0 && id == m->msg_id);
}

static void check_scoped(const struct snmp3_msg *m, size_t padding)
{
	struct snmp3_scope scope;
	struct snmp_msg in;
	struct varbind vb[16];
	struct oid oid;
	if (snmp3_parse_scoped(&scope, &in, vb, 16, m->data, m->data_len, padding) < 0)
		return;
	check(scope.engine_id_len <= m->data_len && scope.context_len <= m->data_len);
	check_inside(m->data, m->data_len, scope.engine_id, scope.engine_id_len);
	check_inside(m->data, m->data_len, scope.context, scope.context_len);
	check(in.version == SNMP_V3 && in.varbinds <= 16);
	for (size_t i = 0; i < in.varbinds; i++) {
		check_inside(m->data, m->data_len, vb[i].name.p, vb[i].name.len);
		check_inside(m->data, m->data_len, vb[i].value, vb[i].len);
		check(oid_decode(&oid, vb[i].name) == 0);
	}
	(void)snmp3_report(vb, in.varbinds);
}

/* What it is called by is text, whatever is in it. */
static void check_described(const struct snmp3_msg *m)
{
	char text[256];
	const char *told = engine_id_describe(text, sizeof text, m->engine_id, m->engine_id_len);
	check(told == text && strlen(text) < sizeof text);
	check(str_is_utf8((const uint8_t *)text, strlen(text)));
	for (const char *p = text; *p != '\0'; p++)
		check((unsigned char)*p >= 0x20 && *p != 0x7f);
}

/* The same head around a question of ours. */
static void check_again(const struct snmp3_msg *m)
{
	static const uint8_t row[] = {
		0x30, 0x0c, 0x06, 0x08, 0x2b, 6, 1, 2, 1, 1, 3, 0, 0x05, 0x00};
	static const uint8_t salt[SNMP3_SALT];
	struct snmp_pdu_out pdu = {.pdu = SNMP_GET, .list = row, .list_len = sizeof row};
	char user[SNMP3_USER];
	struct snmp3_out o = {.msg_id = m->msg_id,
		.request_id = m->msg_id,
		.flags = m->flags,
		.auth_len = (m->flags & SNMP3_FLAG_AUTH) != 0 ? 24 : 0,
		.engine_id_len = m->engine_id_len,
		.user_len = m->user_len,
		.engine_id = m->engine_id,
		.boots = m->boots,
		.time = m->time,
		.user = user,
		.salt = salt};
	struct snmp3_at at;
	struct snmp3_msg again;
	uint8_t made[512];
	if (m->user_len > 0)
		memcpy(user, m->user, m->user_len);
	int n = snmp3_encode(made, sizeof made, &o, &pdu, &at);
	check(n > 0 && snmp3_parse_head(&again, made, (size_t)n) == 0);
	check_head(&again, made, (size_t)n);
	check(again.msg_id == m->msg_id && again.boots == m->boots && again.time == m->time);
	check(again.engine_id_len == m->engine_id_len && again.user_len == m->user_len);
	check(again.user_len == 0 || memcmp(again.user, m->user, m->user_len) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct snmp3_msg m, probed;
	bool is_probed = snmp3_parse_probed(&probed, bytes, len) == 0;
	if (snmp3_parse_head(&m, bytes, len) < 0) {
		check(!is_probed);
		return 0;
	}
	check_head(&m, bytes, len);
	check(!is_probed || (probed.engine_id_len >= 5 && probed.msg_id == m.msg_id));
	check_scoped(&m, 0);
	check_scoped(&m, SNMP3_PADDING);
	check_described(&m);
	check_again(&m);
	return 0;
}
