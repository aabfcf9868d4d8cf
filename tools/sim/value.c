/* SPDX-License-Identifier: Apache-2.0
 * The value of a live row at a time, as the contents bytes of its type. */
#include "tools/sim/fleet.h"

#include <string.h>

/* {serial} {name} {mac} {macbytes} {n} {hash:K} in a text. */
static size_t fill_hole(const struct fleet *f, const struct printer *p, const uint8_t *hole,
	size_t len, uint8_t *dst);

static const char digits[] = "0123456789ABCDEF";

size_t fleet_mac(const struct fleet *f, const struct printer *p, uint8_t dst[6])
{
	size_t n = fleet_number(f, p) + 1;
	memcpy(dst, p->profile->oui, 3);
	dst[3] = (uint8_t)(n >> 16);
	dst[4] = (uint8_t)(n >> 8);
	dst[5] = (uint8_t)n;
	return 6;
}

static size_t put_template(const struct fleet *f, const struct printer *p, const uint8_t *t,
	size_t len, uint8_t *dst, size_t cap)
{
	size_t out = 0;
	for (size_t i = 0; i < len; i++) {
		const uint8_t *end = t[i] == '{' ? memchr(t + i, '}', len - i) : NULL;
		if (cap - out < PROFILE_NAME)
			break;
		if (end == NULL) {
			dst[out++] = t[i];
			continue;
		}
		out += fill_hole(f, p, t + i + 1, (size_t)(end - (t + i + 1)), dst + out);
		i = (size_t)(end - t);
	}
	return out;
}

static size_t fill_hole(const struct fleet *f, const struct printer *p, const uint8_t *hole,
	size_t len, uint8_t *dst)
{
	uint8_t mac[6];
	size_t out = 0;
	switch (len == 0 ? 0 : hole[0]) {
	case 's': /* serial */
		out = strlen(p->serial);
		memcpy(dst, p->serial, out);
		break;
	case 'm': /* mac: twelve digits; macbytes: six bytes */
		fleet_mac(f, p, mac);
		if (len > 3) {
			memcpy(dst, mac, 6);
			return 6;
		}
		for (; out < 12; out++)
			dst[out] = (uint8_t)
				digits[out % 2 == 0 ? mac[out / 2] >> 4 : mac[out / 2] & 15];
		break;
	case 'h': { /* hA, hB ...: eight random digits, constant per printer: serials of parts */
		uint64_t r = fleet_hash(
			p->id, 77000u + (len > 1 ? hole[1] : 0) + 256u * (len > 2 ? hole[2] : 0u));
		for (; out < 8; out++, r >>= 4)
			dst[out] = (uint8_t)digits[r & 15];
		break;
	}
	case 'n': { /* the printer's number */
		size_t n = fleet_number(f, p);
		uint8_t back[12];
		size_t k = 0;
		do {
			back[k++] = (uint8_t)('0' + n % 10);
			n /= 10;
		} while (n > 0);
		while (k > 0)
			dst[out++] = back[--k];
		break;
	}
	default:
		break;
	}
	return out;
}

static size_t put_clock(uint64_t now_ms, uint8_t *dst)
{
	/* Days since 1970 to a date, Howard Hinnant's well-known algorithm. */
	int64_t z = (int64_t)(now_ms / 86400000) + 719468;
	int64_t era = z / 146097, doe = z - era * 146097;
	int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
	int64_t mp = (5 * doy + 2) / 153;
	int64_t month = mp < 10 ? mp + 3 : mp - 9;
	int64_t year = yoe + era * 400 + (month <= 2 ? 1 : 0);
	uint64_t tenths = now_ms % 86400000 / 100;
	dst[0] = (uint8_t)(year >> 8);
	dst[1] = (uint8_t)year;
	dst[2] = (uint8_t)month;
	dst[3] = (uint8_t)(doy - (153 * mp + 2) / 5 + 1);
	dst[4] = (uint8_t)(tenths / 36000);
	dst[5] = (uint8_t)(tenths / 600 % 60);
	dst[6] = (uint8_t)(tenths / 10 % 60);
	dst[7] = (uint8_t)(tenths % 10);
	return 8;
}

static size_t put_ticks(uint64_t ms, uint8_t *dst)
{
	uint64_t v = (uint32_t)(ms / 10);
	size_t n = 1;
	while (n < 5 && v >> (8 * n - 1) != 0)
		n++;
	for (size_t i = 0; i < n; i++)
		dst[i] = (uint8_t)(v >> (8 * (n - 1 - i)));
	return n;
}

static size_t put_bits(const struct row *r, uint64_t conds, uint8_t *dst)
{
	memset(dst, 0, 2);
	for (size_t i = 0; i < r->choices; i++) {
		const struct choice *c = &r->choice[i];
		if ((c->conds == 0 || (c->conds & conds) != 0) && c->number < 8u * r->var)
			dst[c->number / 8] |= (uint8_t)(0x80 >> c->number % 8);
	}
	return r->var;
}

static size_t put_records(const struct row *r, const uint32_t *vars, uint8_t *dst)
{
	size_t n = 0;
	for (size_t i = 0; i < r->choices; i++) {
		uint32_t v = vars[r->choice[i].var];
		const uint8_t record[7] = {(uint8_t)r->choice[i].number, 1, 4, (uint8_t)(v >> 24),
			(uint8_t)(v >> 16), (uint8_t)(v >> 8), (uint8_t)v};
		memcpy(dst + n, record, sizeof record);
		n += sizeof record;
	}
	dst[n++] = 0xff;
	return n;
}

size_t fleet_row_value(const struct fleet *f, const struct printer *p, const struct row *r,
	const struct moment *m, uint8_t dst[PROFILE_VALUE])
{
	switch ((enum row_kind)r->kind) {
	case ROW_STATIC:
		memcpy(dst, r->value, r->value_len < PROFILE_VALUE ? r->value_len : PROFILE_VALUE);
		return r->value_len < PROFILE_VALUE ? r->value_len : PROFILE_VALUE;
	case ROW_NUMBER:
		if (r->var == VAR_ENGINE_TIME)
			return put_ticks((uint64_t)engine_time(p, m->now_ms, m->boot_ms) * 10, dst);
		return put_ticks((uint64_t)m->vars[r->var] * 10, dst);
	case ROW_UPTIME:
		return put_ticks(m->now_ms - m->boot_ms, dst);
	case ROW_RAISED:
		return put_ticks(m->from_ms > m->boot_ms ? m->from_ms - m->boot_ms : 0, dst);
	case ROW_TEXT:
		return put_template(f, p, r->value, r->value_len, dst, PROFILE_VALUE);
	case ROW_PICK:
		for (size_t i = 0; i < r->choices; i++) {
			const struct choice *c = &r->choice[i];
			if (c->conds != 0 && (c->conds & m->conds) == 0)
				continue;
			memcpy(dst, c->value, c->len);
			return c->len;
		}
		return 0;
	case ROW_BITS:
		return put_bits(r, m->conds, dst);
	case ROW_RECORDS:
		return put_records(r, m->vars, dst);
	case ROW_CLOCK:
		return put_clock(m->now_ms, dst);
	}
	return 0;
}
