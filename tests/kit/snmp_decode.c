/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/kit/snmp_decode.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static struct snmp_decoded scratch;
static netsnmp_pdu *last;

static netsnmp_pdu *fresh(void)
{
	decode_free();
	last = snmp_pdu_create(SNMP_MSG_RESPONSE);
	assert_non_null(last);
	return last;
}

int decode_community(struct snmp_incoming *in, const uint8_t *bytes, size_t len)
{
	*in = (struct snmp_incoming){0};
	return snmp_decode_community(in, fresh(), &scratch, (uint8_t *)(uintptr_t)bytes, len, 0);
}

int decode_scoped(struct snmp_incoming *in, const uint8_t *bytes, size_t len, size_t padding)
{
	*in = (struct snmp_incoming){0};
	return snmp_decode_scoped(
		in, fresh(), &scratch, (uint8_t *)(uintptr_t)bytes, len, 0, padding);
}

void decode_free(void)
{
	snmp_free_pdu(last);
	last = NULL;
}
