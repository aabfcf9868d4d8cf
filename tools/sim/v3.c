/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/sim/v3.h"

#include "proto/base/str.h"
#include "proto/smi/request.h"
#include "tools/sim/forge.h"
#include "tools/sim/garbage.h"
#include "tools/sim/damage.h"

#include <string.h>

enum {
	FLAG_AUTH = 1,
	FLAG_PRIV = 2,
	FLAG_REPORTABLE = 4,
	MODEL_USM = 3,
	PDU_REPORT = 0xa8,
	AUTHORIZATION_ERROR = 16,
	WINDOW_S = 150,
	MAX_SIZE = 65507, /* msgMaxSize of the responses */
	MIN_SIZE = 484,
	/* Max bytes around the varbinds: names and engineIDs have 32 bytes each. */
	FRAME = 380
};

/* A decoded message. Pointers point into the datagram. */
struct message {
	int32_t id, max_size, boots, time;
	uint8_t flags;
	struct text engine, user, auth, priv;
	struct ber_in data; /* the scoped PDU: a SEQUENCE's contents, or its cipher text */
	struct text context_engine, context;
};

static int read_text(struct ber_in *in, struct text *ret)
{
	struct ber_in v;
	int err = ber_take(in, BER_OCTETS, &v);
	if (err == 0)
		*ret = (struct text){(const char *)v.p, (size_t)(v.end - v.p)};
	return err;
}

static int read_security(struct ber_in in, struct message *m)
{
	struct ber_in usm;
	if (ber_take(&in, BER_SEQUENCE, &usm) < 0 || in.p != in.end ||
		read_text(&usm, &m->engine) < 0 || ber_take_i32(&usm, &m->boots) < 0 ||
		ber_take_i32(&usm, &m->time) < 0 || read_text(&usm, &m->user) < 0 ||
		read_text(&usm, &m->auth) < 0 || read_text(&usm, &m->priv) < 0 || usm.p != usm.end)
		return ERR_FORMAT;
	bool is_small = m->engine.len <= ENGINE_ID && m->user.len <= USERS_NAME && m->boots >= 0 &&
			m->time >= 0;
	return is_small ? 0 : ERR_FORMAT;
}

static int read_message(const uint8_t *bytes, size_t len, struct message *m)
{
	struct ber_in in = {bytes, bytes + len}, msg, global, flags, security;
	int32_t version, model;
	*m = (struct message){0};
	if (ber_take(&in, BER_SEQUENCE, &msg) < 0 || in.p != in.end ||
		ber_take_i32(&msg, &version) < 0 || version != SNMP_V3 ||
		ber_take(&msg, BER_SEQUENCE, &global) < 0)
		return ERR_FORMAT;
	if (ber_take_i32(&global, &m->id) < 0 || ber_take_i32(&global, &m->max_size) < 0 ||
		ber_take(&global, BER_OCTETS, &flags) < 0 || flags.end - flags.p != 1 ||
		ber_take_i32(&global, &model) < 0 || global.p != global.end)
		return ERR_FORMAT;
	m->flags = flags.p[0];
	if (m->id < 0 || m->max_size < MIN_SIZE || model != MODEL_USM ||
		(m->flags & (FLAG_AUTH | FLAG_PRIV)) == FLAG_PRIV)
		return ERR_FORMAT;
	if (ber_take(&msg, BER_OCTETS, &security) < 0 || read_security(security, m) < 0)
		return ERR_FORMAT;
	uint8_t tag = (m->flags & FLAG_PRIV) != 0 ? BER_OCTETS : BER_SEQUENCE;
	return ber_take(&msg, tag, &m->data) < 0 || msg.p != msg.end ? ERR_FORMAT : 0;
}

/* Decodes the scoped PDU up to the PDU, which stays in m->data. */
static int read_scope(struct message *m)
{
	if (read_text(&m->data, &m->context_engine) < 0 || read_text(&m->data, &m->context) < 0)
		return ERR_FORMAT;
	return m->context.len <= USERS_NAME && m->context_engine.len <= ENGINE_ID ? 0 : ERR_FORMAT;
}

/* Security parameters of a response. */
struct envelope {
	uint8_t flags;
	const struct user *user; /* with FLAG_AUTH */
	const struct user_keys *keys;
	struct text context;
	const struct engine *engine; /* NULL: the printer's */
	bool is_plain;               /* neither encrypted nor signed, whatever the flags say */
	bool is_wrong;               /* with one bit of the digest inverted */
};

static uint8_t *put_octets(uint8_t *end, const void *bytes, size_t len)
{
	uint8_t *start = end - len;
	if (len > 0)
		memcpy(start, bytes, len);
	return pdu_header(start, end, BER_OCTETS);
}

static uint8_t *put_u32(uint8_t *end, uint32_t v)
{
	uint8_t bytes[5];
	size_t n = ber_put_u32(bytes, v);
	memcpy(end - n, bytes, n);
	return pdu_header(end - n, end, BER_INTEGER);
}

/* Encrypts the scoped PDU [start, *stop) in place; for DES it grows to whole blocks. */
static int encipher(struct transaction *t, const struct envelope *e, uint32_t boots, uint32_t time,
	uint8_t *start, uint8_t **stop, uint8_t salt[CRYPTO_SALT])
{
	uint64_t n = ++t->a->salt;
	for (size_t i = 0; i < CRYPTO_SALT; i++)
		salt[i] = (uint8_t)(n >> (56 - 8 * i));
	if (e->user->priv == CRYPTO_DES) {
		for (size_t i = 0; i < 4; i++)
			salt[i] = (uint8_t)(boots >> (24 - 8 * i));
		while ((*stop - start) % CRYPTO_DES_BLOCK != 0)
			*(*stop)++ = 0;
	}
	return crypto_crypt(&t->a->users.crypto, (enum crypto_priv)e->user->priv, true,
		e->keys->priv, boots, time, salt, start, (size_t)(*stop - start));
}

/* Encodes the message around a PDU. 1, or 0 if OpenSSL fails. */
static int encode_message(struct transaction *t, const struct message *m, const struct envelope *e,
	const struct pdu_bytes *b, struct response *ret)
{
	const struct engine *engine = e->engine == NULL ? &t->p->engine : e->engine;
	uint32_t boots = engine_boots(t->p, t->vars);
	uint32_t time = engine_time(t->p, t->now_ms, t->p->boot_now_ms);
	bool is_auth = (e->flags & FLAG_AUTH) != 0, is_priv = (e->flags & FLAG_PRIV) != 0;
	static const uint8_t zeros[CRYPTO_MAC_MAX];
	uint8_t salt[CRYPTO_SALT] = {0}, *stop = b->stop;
	uint8_t *at = put_octets(b->start, e->context.p, e->context.len);
	at = put_octets(at, engine->id, engine->len);
	at = pdu_header(at, stop, BER_SEQUENCE);
	if (is_priv) {
		if (!e->is_plain && encipher(t, e, boots, time, at, &stop, salt) < 0)
			return 0;
		at = pdu_header(at, stop, BER_OCTETS);
	}
	uint8_t *security = at;
	size_t mac_len = is_auth ? crypto_mac_size((enum crypto_auth)e->user->auth) : 0;
	at = put_octets(at, salt, is_priv ? CRYPTO_SALT : 0);
	uint8_t *mac = at - mac_len;
	at = put_octets(at, zeros, mac_len);
	at = put_octets(at, m->user.p, m->user.len);
	at = put_u32(at, time);
	at = put_u32(at, boots);
	at = put_octets(at, engine->id, engine->len);
	at = pdu_header(at, security, BER_SEQUENCE);
	at = pdu_header(at, security, BER_OCTETS);
	uint8_t *global = at;
	at = put_u32(at, MODEL_USM);
	at = put_octets(at, &e->flags, 1);
	at = put_u32(at, MAX_SIZE);
	at = put_u32(at, (uint32_t)m->id);
	at = pdu_header(at, global, BER_SEQUENCE);
	at = put_u32(at, SNMP_V3);
	at = pdu_header(at, stop, BER_SEQUENCE);
	uint8_t sum[CRYPTO_MAC_MAX];
	if (is_auth && !e->is_plain &&
		crypto_mac(&t->a->users.crypto, (enum crypto_auth)e->user->auth, e->keys->auth, at,
			(size_t)(stop - at), sum) < 0)
		return 0;
	if (is_auth && !e->is_plain)
		memcpy(mac, sum, mac_len);
	if (e->is_wrong && mac_len > 0)
		mac[0] ^= 1;
	ret->start = at;
	ret->len = (size_t)(stop - at);
	return 1;
}

static const uint8_t usm_stats[] = {0x2b, 6, 1, 6, 3, 15, 1, 1, 0, 0};
static const uint8_t unknown_contexts[] = {0x2b, 6, 1, 6, 3, 12, 1, 5, 0};
static const uint8_t unknown_handlers[] = {0x2b, 6, 1, 6, 3, 11, 2, 1, 3, 0};

/* A Report's PDU, or an error response with no varbind (`name` NULL). */
static struct pdu_bytes make_report(struct transaction *t, const struct request *q,
	const uint8_t *name, size_t len, uint32_t count)
{
	uint8_t *stop = t->room + RESPONSE_HEAD + RESPONSE_REPORT, *at = stop;
	if (name != NULL) {
		uint8_t number[5];
		size_t n = ber_put_u32(number, count);
		at -= n;
		memcpy(at, number, n);
		at = pdu_header(at, stop, BER_COUNTER32);
		uint8_t *value = at;
		at -= len;
		memcpy(at, name, len);
		at = pdu_header(at, value, BER_OID);
		at = pdu_header(at, stop, BER_SEQUENCE);
	}
	at = pdu_header(at, stop, BER_SEQUENCE);
	at = put_u32(at, 0);
	at = put_u32(at, name == NULL ? AUTHORIZATION_ERROR : 0);
	if (q->id_len > 0) {
		at -= q->id_len;
		memcpy(at, q->id, q->id_len);
	} else {
		at = put_u32(at, 0);
	}
	return (struct pdu_bytes){
		pdu_header(at, stop, name == NULL ? SNMP_RESPONSE : PDU_REPORT), stop};
}

/* Makes the Report of a rejected message if its reportableFlag is set. */
static int report(struct transaction *t, const struct message *m, enum v3_report what,
	const struct envelope *e, struct response *ret)
{
	uint64_t count = ++t->a->counts.report[what];
	t->traffic->reports++;
	struct request q = {0};
	struct message plain = *m;
	if ((m->flags & FLAG_REPORTABLE) == 0)
		return 0;
	/* RFC 3412 section 7.1 step 3: the request-id if it can be decoded, else 0. */
	if ((m->flags & FLAG_PRIV) == 0 && read_scope(&plain) == 0 &&
		pdu_read(&plain.data, SNMP_V3, &q) < 0)
		q.id_len = 0;
	uint8_t name[sizeof usm_stats];
	size_t len = sizeof usm_stats;
	memcpy(name, usm_stats, len);
	name[8] = (uint8_t)what;
	if (what == REPORT_CONTEXT)
		memcpy(name, unknown_contexts, len = sizeof unknown_contexts);
	else if (what == REPORT_HANDLER)
		memcpy(name, unknown_handlers, len = sizeof unknown_handlers);
	struct pdu_bytes b = make_report(t, &q, name, len, (uint32_t)count);
	static const struct envelope bare;
	return encode_message(t, m, e == NULL ? &bare : e, &b, ret);
}

/* Verifies the digest, whose bytes in the message are set to zero. */
static bool is_authentic(struct transaction *t, const struct message *m, const struct envelope *e,
	uint8_t *bytes, size_t len)
{
	uint8_t received[CRYPTO_MAC_MAX], sum[CRYPTO_MAC_MAX];
	size_t n = crypto_mac_size((enum crypto_auth)e->user->auth);
	if (m->auth.len != n)
		return false;
	uint8_t *at = bytes + ((const uint8_t *)m->auth.p - bytes);
	memcpy(received, at, n);
	memset(at, 0, n);
	return crypto_mac(&t->a->users.crypto, (enum crypto_auth)e->user->auth, e->keys->auth,
		       bytes, len, sum) == 0 &&
	       memcmp(received, sum, n) == 0;
}

static bool is_in_window(const struct transaction *t, const struct message *m)
{
	uint32_t boots = engine_boots(t->p, t->vars);
	int64_t time = engine_time(t->p, t->now_ms, t->p->boot_now_ms);
	int64_t off = time - m->time;
	return boots != INT32_MAX && (uint32_t)m->boots == boots && off <= WINDOW_S &&
	       off >= -WINDOW_S;
}

/* Decrypts the scoped PDU in place and decodes its header, which fails for almost every wrong key.
 */
static int decipher(struct transaction *t, struct message *m, const struct envelope *e,
	uint8_t *bytes, size_t len)
{
	if (m->priv.len != CRYPTO_SALT)
		return ERR_FORMAT;
	uint8_t *at = bytes + (m->data.p - bytes);
	size_t n = (size_t)(m->data.end - m->data.p);
	struct ber_in scoped = m->data;
	if (n > len || crypto_crypt(&t->a->users.crypto, (enum crypto_priv)e->user->priv, false,
			       e->keys->priv, (uint32_t)m->boots, (uint32_t)m->time,
			       (const uint8_t *)m->priv.p, at, n) < 0)
		return ERR_FORMAT;
	return ber_take(&scoped, BER_SEQUENCE, &m->data);
}

/* RFC 3414 section 3.2, steps 3 to 8. Returns 1 if the message passes; else 0, and *sends is 1 if a
 * Report is to be sent. */
static int check_security(struct transaction *t, struct message *m, struct envelope *e,
	uint8_t *bytes, size_t len, int *sends, struct response *ret)
{
	const struct engine *engine = &t->p->engine;
	uint32_t number = (uint32_t)fleet_number(t->a->fleet, t->p);
	if (m->engine.len != engine->len || memcmp(m->engine.p, engine->id, engine->len) != 0) {
		*sends = report(t, m, REPORT_ENGINE, NULL, ret);
		return 0;
	}
	e->user = users_find(&t->a->users, number, (const uint8_t *)m->user.p, m->user.len);
	if (e->user == NULL) {
		*sends = report(t, m, REPORT_USER, NULL, ret);
		return 0;
	}
	e->flags = m->flags & (FLAG_AUTH | FLAG_PRIV);
	if (((e->flags & FLAG_AUTH) != 0 && e->user->auth == CRYPTO_NO_AUTH) ||
		((e->flags & FLAG_PRIV) != 0 && e->user->priv == CRYPTO_NO_PRIV)) {
		*sends = report(t, m, REPORT_LEVEL, NULL, ret);
		return 0;
	}
	if ((e->flags & FLAG_AUTH) == 0)
		return 1;
	e->keys = users_keys(&t->a->users, e->user, number, engine);
	if (e->keys == NULL || !is_authentic(t, m, e, bytes, len)) {
		*sends = report(t, m, REPORT_DIGEST, NULL, ret);
		return 0;
	}
	if (!is_in_window(t, m)) {
		/* Step 7: this Report is authenticated, so that the manager may adopt its time. */
		e->flags = FLAG_AUTH;
		*sends = report(t, m, REPORT_WINDOW, e, ret);
		return 0;
	}
	if ((e->flags & FLAG_PRIV) != 0 && decipher(t, m, e, bytes, len) < 0) {
		*sends = report(t, m, REPORT_CIPHER, NULL, ret);
		return 0;
	}
	return 1;
}

static const struct row_table *rows_of(const struct profile *p, struct text context)
{
	if (context.len == 0)
		return &p->table;
	return text_is(context, p->context) ? &p->context_table : NULL;
}

static int level_of(uint8_t flags)
{
	return (flags & FLAG_PRIV) != 0   ? LEVEL_PRIV
	       : (flags & FLAG_AUTH) != 0 ? LEVEL_AUTH
					  : LEVEL_NONE;
}

/* Lowers the response's security level to that of the command "engine". */
static void lower_level(const struct transaction *t, struct envelope *e)
{
	uint8_t level = t->p->engine.response_level;
	if (level == LEVEL_NONE + 1)
		e->flags = 0;
	else if (level == LEVEL_AUTH + 1)
		e->flags &= FLAG_AUTH;
}

struct v3_context {
	const struct message *m;
	const struct envelope *e;
};

static int forge_v3(struct transaction *t, void *owner, enum fault what, unsigned number,
	const struct pdu_bytes *b, struct response *ret)
{
	const struct v3_context *s = owner;
	struct message m = *s->m;
	struct envelope e = *s->e;
	struct pdu_bytes pdu = *b;
	struct engine other = t->p->engine;
	if (what == FAULT_FORGE_COMMUNITY || what == FAULT_FORGE_VERSION)
		return 0;
	if (what == FAULT_FORGE_REPORT) {
		/* Each cause in turn, unauthenticated. */
		struct request q = {0};
		uint8_t name[sizeof usm_stats];
		memcpy(name, usm_stats, sizeof name);
		name[8] = (uint8_t)(REPORT_LEVEL + number % REPORT_CIPHER);
		e.flags = 0;
		pdu = make_report(t, &q, name, sizeof name, number + 1);
	}
	if (what == FAULT_FORGE_LEVEL) {
		if (e.flags == 0)
			return 0;
		e.flags = number % 2 == 0 ? 0 : (uint8_t)(e.flags >> 1);
	}
	/* An attacker has no keys of this printer. */
	if (what == FAULT_FORGE_DIGEST || what == FAULT_FORGE_SOURCE || what == FAULT_FORGE_PORT)
		e.is_wrong = true;
	if (what == FAULT_FORGE_DIGEST && (e.flags & FLAG_AUTH) == 0)
		return 0;
	if (what == FAULT_FORGE_MSGID)
		m.id ^= (int32_t)(1 + number % 0xffff);
	if (what == FAULT_FORGE_ENGINE) {
		other.id[other.len - 1] ^= (uint8_t)(1 + number % 0x7f);
		e.engine = &other;
		e.flags = number % 2 == 0 ? e.flags : 0;
	}
	return encode_message(t, &m, &e, &pdu, ret);
}

/* Damages the message in plain text, then encrypts and signs the result if its shape allows it. */
static int encode_garbage(struct transaction *t, const struct message *m, const struct envelope *e,
	const struct pdu_bytes *b, struct response *ret)
{
	struct envelope plain = *e;
	struct garbage_usm where;
	size_t len;
	plain.is_plain = true;
	if (encode_message(t, m, &plain, b, ret) == 0)
		return 0;
	uint8_t *bytes = damage_garbage(t, ret->start, ret->len, &len), sum[CRYPTO_MAC_MAX];
	static const uint8_t salt[CRYPTO_SALT];
	ret->start = bytes;
	ret->len = len;
	if (len == 0 || (e->flags & FLAG_AUTH) == 0 || !garbage_usm(bytes, len, &where))
		return len > 0;
	enum crypto_auth auth = (enum crypto_auth)e->user->auth;
	size_t whole = e->user->priv == CRYPTO_DES
			       ? where.data_len / CRYPTO_DES_BLOCK * CRYPTO_DES_BLOCK
			       : where.data_len;
	if ((e->flags & FLAG_PRIV) != 0 && whole > 0 &&
		crypto_crypt(&t->a->users.crypto, (enum crypto_priv)e->user->priv, true,
			e->keys->priv, engine_boots(t->p, t->vars),
			engine_time(t->p, t->now_ms, t->p->boot_now_ms), salt,
			bytes + where.data_at, whole) < 0)
		return 0;
	if (where.auth_len != crypto_mac_size(auth))
		return 1;
	memset(bytes + where.auth_at, 0, where.auth_len);
	if (crypto_mac(&t->a->users.crypto, auth, e->keys->auth, bytes, len, sum) < 0)
		return 0;
	memcpy(bytes + where.auth_at, sum, where.auth_len);
	return 1;
}

/* Makes the response to an authorized request. */
static int respond_authorized(struct transaction *t, const struct message *m, struct envelope *e,
	const struct row_table *rows, struct request *q, struct response *ret)
{
	struct pdu_bytes b;
	size_t most = t->a->max_response;
	bool is_size_limited = (size_t)m->max_size < most;
	size_t room = is_size_limited ? (size_t)m->max_size : most;
	q->room = room > FRAME ? room - FRAME : 0;
	q->is_size_limited = is_size_limited;
	int err = pdu_respond(t, rows, q, &b);
	if (err <= 0) {
		t->a->counts.malformed += err < 0;
		return 0;
	}
	if (t->p->faults != NULL && t->p->faults->is_forging) {
		struct v3_context s = {m, e};
		forge_before(t, &b, forge_v3, &s);
	}
	lower_level(t, e);
	return fault(t->p, FAULT_GARBAGE) ? encode_garbage(t, m, e, &b, ret)
					  : encode_message(t, m, e, &b, ret);
}

int v3_respond(struct transaction *t, uint8_t *bytes, struct response *ret)
{
	struct responder_counts *c = &t->a->counts;
	struct message m;
	struct envelope e = {0};
	int sends = 0;
	if (read_message(bytes, t->len, &m) < 0) {
		c->malformed++;
		return 0;
	}
	c->v3_messages++;
	if (check_security(t, &m, &e, bytes, t->len, &sends, ret) == 0)
		return sends;
	struct request q = {0};
	if (read_scope(&m) < 0 || pdu_read(&m.data, SNMP_V3, &q) < 0) {
		c->malformed++;
		return 0;
	}
	pdu_count(t, &q);
	e.context = m.context;
	const struct engine *engine = &t->p->engine;
	const struct row_table *rows = rows_of(t->p->profile, m.context);
	if (m.context_engine.len != engine->len ||
		memcmp(m.context_engine.p, engine->id, engine->len) != 0 || rows == NULL) {
		e.context = (struct text){NULL, 0};
		return report(t, &m, rows == NULL ? REPORT_CONTEXT : REPORT_HANDLER, &e, ret);
	}
	if (level_of(e.flags) < e.user->min_level) {
		c->not_authorized++;
		struct pdu_bytes b = make_report(t, &q, NULL, 0, 0);
		return encode_message(t, &m, &e, &b, ret);
	}
	return respond_authorized(t, &m, &e, rows, &q, ret);
}
