/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/kit/mib_printer.h"

void printer_put_number(struct printer *p, size_t i, int64_t v)
{
	uint8_t bytes[9];
	size_t n = 0;
	for (int shift = 56; shift >= 0; shift -= 8)
		bytes[n++] = (uint8_t)((uint64_t)v >> shift);
	size_t skip = 0;
	while (skip < 7 && ((bytes[skip] == 0 && (bytes[skip + 1] & 0x80) == 0) ||
				   (bytes[skip] == 0xff && (bytes[skip + 1] & 0x80) != 0)))
		skip++;
	p->value_len[i] = 8 - skip;
	memcpy(p->value[i], bytes + skip, 8 - skip);
}

void printer_add(struct printer *p, const char *oid, uint8_t type, const char *text, int64_t number)
{
	struct oid o;
	size_t i = p->count++;
	assert_true(i < OBJECTS);
	assert_int_equal(oid_from_text(&o, oid), 0);
	int n = oid_encode(p->oid[i], OID_ROOM, &o);
	assert_true(n > 0);
	p->oid_len[i] = (size_t)n;
	p->type[i] = type;
	if (type == BER_OCTETS) {
		p->value_len[i] = strlen(text);
		memcpy(p->value[i], text, p->value_len[i]);
	} else if (type == BER_OID) {
		assert_int_equal(oid_from_text(&o, text), 0);
		n = oid_encode(p->value[i], sizeof p->value[i], &o);
		assert_true(n > 0);
		p->value_len[i] = (size_t)n;
	} else {
		printer_put_number(p, i, number);
	}
}

struct oid_ber printer_name(const struct printer *p, size_t i)
{
	return (struct oid_ber){p->oid[i], p->oid_len[i]};
}

struct varbind printer_varbind(const struct printer *p, size_t i)
{
	return (struct varbind){printer_name(p, i), p->type[i], p->value[i], p->value_len[i]};
}

/* The index of the first object after `oid` (objects are in order), or count. */
static size_t printer_next(const struct printer *p, struct oid_ber oid)
{
	size_t i = 0;
	while (i < p->count && oid_ber_compare(printer_name(p, i), oid) <= 0)
		i++;
	return i;
}

size_t printer_respond_get(
	const struct printer *p, const struct snmp_request *q, struct varbind *vb)
{
	size_t at = 0, n = 0;
	for (size_t i = 0; i < q->oids; i++) {
		struct oid_ber oid = snmp_request_oid(q, i, &at);
		size_t k = 0;
		while (k < p->count && !oid_ber_is_equal(printer_name(p, k), oid))
			k++;
		vb[n++] = k < p->count
				  ? printer_varbind(p, k)
				  : (struct varbind){.name = oid, .type = BER_NO_SUCH_INSTANCE};
	}
	return n;
}

size_t printer_respond_next(
	const struct printer *p, const struct snmp_request *q, struct varbind *vb, size_t max)
{
	struct oid_ber at[LIMIT_REQUEST_OIDS];
	size_t ber_at = 0, n = 0;
	unsigned rounds = q->pdu == SNMP_GETBULK ? q->max_repetitions : 1;
	for (size_t i = 0; i < q->oids; i++)
		at[i] = snmp_request_oid(q, i, &ber_at);
	for (unsigned round = 0; round < rounds; round++) {
		for (size_t i = 0; i < q->oids && n < max; i++) {
			size_t k = p->is_looping ? 0 : printer_next(p, at[i]);
			if (k < p->count) {
				vb[n] = printer_varbind(p, k);
				at[i] = vb[n].name;
			} else {
				vb[n] = (struct varbind){
					.name = at[i], .type = BER_END_OF_MIB_VIEW};
			}
			n++;
		}
	}
	return n;
}

/* The error-status of the response to q; 0: none. */
static int printer_error_status(
	const struct printer *p, const struct snmp_request *q, int *ret_index)
{
	struct oid o;
	uint8_t bad[OID_ROOM];
	int n = 0;
	size_t at = 0;
	if (p->gen_err != NULL && oid_from_text(&o, p->gen_err) == 0)
		n = oid_encode(bad, sizeof bad, &o);
	for (size_t i = 0; i < q->oids; i++) {
		struct oid_ber oid = snmp_request_oid(q, i, &at);
		*ret_index = p->names_no_object ? 0 : (int)i + 1;
		if (n > 0 && oid_ber_has_prefix(oid, (struct oid_ber){bad, (size_t)n}))
			return SNMP_GEN_ERR;
		struct varbind vb;
		struct snmp_request one;
		snmp_request_begin(&one, q->pdu);
		if (!p->is_v1 || snmp_request_add(&one, oid, (struct oid_ber){NULL, 0}, 484) < 0)
			continue;
		size_t got = q->pdu == SNMP_GET ? printer_respond_get(p, &one, &vb)
						: printer_respond_next(p, &one, &vb, 1);
		if (got == 1 && vb.type >= BER_NO_SUCH_OBJECT)
			return SNMP_NO_SUCH_NAME;
	}
	return 0;
}

static void printer_move(struct printer *p, size_t to, size_t from)
{
	memmove(p->oid[to], p->oid[from], OID_ROOM);
	memmove(p->value[to], p->value[from], sizeof p->value[from]);
	p->oid_len[to] = p->oid_len[from];
	p->type[to] = p->type[from];
	p->value_len[to] = p->value_len[from];
}

void printer_sort(struct printer *p)
{
	assert_true(p->count < OBJECTS);
	for (size_t i = 1; i < p->count; i++) {
		size_t to = i;
		while (to > 0 && oid_ber_compare(printer_name(p, i), printer_name(p, to - 1)) < 0)
			to--;
		if (to == i)
			continue;
		printer_move(p, p->count, i);
		for (size_t k = i; k > to; k--)
			printer_move(p, k, k - 1);
		printer_move(p, to, p->count);
	}
}

/* Empties prtAlertTable. */
static void printer_clear_alerts(struct printer *p)
{
	static const uint8_t table[] = {0x2b, 6, 1, 2, 1, 0x2b, 0x12, 1, 1};
	size_t kept = 0;
	for (size_t i = 0; i < p->count; i++) {
		if (!oid_ber_has_prefix(printer_name(p, i), (struct oid_ber){table, sizeof table}))
			printer_move(p, kept++, i);
	}
	p->count = kept;
}

int printer_poll(struct printer *p, struct mib_limits *m, struct reading *r)
{
	static struct mib_plan w;
	static struct snmp_request q;
	struct varbind vb[LIMIT_VARBINDS];
	p->requests = 0;
	mib_begin(&w, m, p->is_v1 ? SNMP_V1 : SNMP_V2C,
		p->models != NULL ? p->models : models_builtin(), false);
	while (mib_next_request(&w, &q, 484) == 1) {
		assert_true(++p->requests < 300);
		if (p->no_alerts_from != 0 && p->requests == p->no_alerts_from)
			printer_clear_alerts(p);
		assert_true(q.list_len + 33 <= 484); /* 33: the largest head of a message */
		if (p->timeout_from != 0 && p->requests >= p->timeout_from) {
			if (!mib_add_timeout(&w)) {
				mib_abort(&w);
				break;
			}
			continue;
		}
		if (q.pdu == SNMP_GETBULK && p->has_no_bulk) {
			mib_add_error(&w, SNMP_GEN_ERR, 0);
			continue;
		}
		int index, status = printer_error_status(p, &q, &index);
		if (status != 0) {
			mib_add_error(&w, status, index);
			continue;
		}
		size_t n = q.pdu == SNMP_GET ? printer_respond_get(p, &q, vb)
					     : printer_respond_next(p, &q, vb, LIMIT_VARBINDS);
		if (p->too_big != 0 && n > p->too_big) {
			mib_add_error(&w, SNMP_TOO_BIG, 0);
			continue;
		}
		mib_add_response(&w, r, vb, p->most != 0 && n > p->most ? p->most : n);
	}
	mib_end(&w, r);
	return p->requests;
}

void printer_add_row(struct printer *p, const char *table, unsigned column, const char *row,
	uint8_t type, const char *text, int64_t number)
{
	char oid[128];
	(void)snprintf(oid, sizeof oid, "%s.%u.%s", table, column, row);
	printer_add(p, oid, type, text, number);
}

int printer_setup(void **state)
{
	struct fixture *f = calloc(1, sizeof *f);
	assert_non_null(f);
	assert_int_equal(slab_open(&f->blocks, LIMIT_ARENA_BLOCK, LIMIT_ARENA_BLOCKS_ONE), 0);
	reading_open(&f->r, &f->blocks);
	*state = f;
	return 0;
}

int printer_teardown(void **state)
{
	struct fixture *f = *state;
	reading_close(&f->r);
	assert_int_equal(f->blocks.used, 0);
	slab_close(&f->blocks);
	free(f);
	return 0;
}
