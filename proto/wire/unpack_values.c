/* SPDX-License-Identifier: Apache-2.0
 * The values in a record: texts, OIDs, hardware addresses. */
#include "proto/smi/oid.h"
#include "proto/wire/unpack_internal.h"

int read_text(struct mpread *in, struct reading *r, size_t max, struct text *ret)
{
	struct text t;
	int err = mpread_str(in, max, &t);
	if (err < 0 || t.len == 0)
		return err;
	*ret = reading_text(r, (const uint8_t *)t.p, t.len, max);
	return ret->p == NULL ? ERR_FULL : 0;
}

static int keep_text(struct reading *r, const char *p, size_t n, struct text *ret)
{
	*ret = reading_text(r, (const uint8_t *)p, n, LIMIT_TEXT_LONG);
	return ret->p == NULL ? ERR_FULL : 0;
}

int read_oid(struct mpread *in, struct reading *r, struct text *ret)
{
	if (mpread_type(in) == MP_STR)
		return read_text(in, r, LIMIT_TEXT, ret);
	struct oid_ber ber;
	struct oid oid;
	int err = mpread_bin(in, LIMIT_OID_BER, &ber.p, &ber.len);
	if (err == 0)
		err = oid_decode(&oid, ber);
	if (err < 0)
		return err;
	/* 127 times "4294967295." and a little */
	char dotted[LIMIT_OID_BER * 11];
	return keep_text(r, dotted, oid_to_text(dotted, sizeof dotted, &oid), ret);
}

int read_mac(struct mpread *in, struct reading *r, struct text *ret)
{
	if (mpread_type(in) == MP_STR)
		return read_text(in, r, LIMIT_TEXT, ret);
	uint8_t mac[6];
	int err = mpread_bin_fixed(in, mac, sizeof mac);
	if (err < 0)
		return err;
	char text[18];
	return keep_text(r, str_mac(text, mac), 17, ret);
}
