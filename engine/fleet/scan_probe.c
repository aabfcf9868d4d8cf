/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/fleet/scan_probe.h"

#include <string.h>

uint32_t scan_cookie(const struct sip_key *key, uint32_t number, struct scan_pass pass)
{
	uint64_t what = (uint64_t)pass.version << 8 | pass.nth;
	uint32_t id = (uint32_t)sip_hash2(key, number, what) & INT32_MAX;
	return id != 0 ? id : 1;
}

/* 1.3.6.1.2.1.1.2.0, 1.3.6.1.2.1.25.3.2.1.3.1, 1.3.6.1.2.1.43.5.1.1.17.1 */
static const uint8_t object_id[] = {0x2b, 6, 1, 2, 1, 1, 2, 0};
static const uint8_t device_descr[] = {0x2b, 6, 1, 2, 1, 25, 3, 2, 1, 3, 1};
static const uint8_t serial_number[] = {0x2b, 6, 1, 2, 1, 43, 5, 1, 1, 17, 1};

int scan_probe_encode(uint8_t dst[SCAN_PROBE_BYTES], struct scan_pass pass, const char *community,
	size_t community_len, uint32_t cookie)
{
	static const struct oid_ber asked[] = {{object_id, sizeof object_id},
		{device_descr, sizeof device_descr}, {serial_number, sizeof serial_number}};
	if (pass.version == SNMP_V3)
		return snmp_probe_encode(dst, SCAN_PROBE_BYTES, cookie, cookie);
	struct snmp_request q;
	snmp_request_begin(&q, SNMP_GET);
	for (size_t i = 0; i < sizeof asked / sizeof asked[0]; i++) {
		int err = snmp_request_add(
			&q, asked[i], (struct oid_ber){NULL, 0}, LIMIT_REQUEST_FIRST);
		if (err < 0)
			return err;
	}
	return snmp_message_encode(
		dst, SCAN_PROBE_BYTES, pass.version, community, community_len, cookie, &q, NULL);
}

int scan_answer_parse(struct scan_answer *ret, const uint8_t *bytes, size_t len)
{
	struct snmp_response_head response;
	memset(ret, 0, sizeof *ret);
	if (usm_probed_parse(&ret->head, bytes, len) == 0) {
		ret->version = SNMP_V3;
		ret->id = ret->head.msg_id;
		return 0;
	}
	int err = snmp_response_head_parse(&response, bytes, len);
	if (err < 0)
		return err;
	ret->version = response.version;
	ret->id = response.request_id;
	ret->community = response.community;
	ret->community_len = response.community_len;
	return 0;
}
