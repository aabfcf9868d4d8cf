/* SPDX-License-Identifier: Apache-2.0
 * TLS contexts. The settings here are policy and the same for every conn: TLS 1.2 and 1.3, AEAD
 * with ECDHE, security level 2, no renegotiation, no compression, no early data, and an end of the
 * stream without close_notify is an error. */
#include "engine/loop/conn_internal.h"
#include "proto/base/str.h"
#include "engine/loop/tls_file.h"
#include "engine/loop/crypto_internal.h"

#include <openssl/err.h>
#include <openssl/x509v3.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* A session that a later conn to the same host and port may resume. */
struct kept_session {
	SSL_SESSION *session;
	char *key;
};

/* The part of a struct tls that changes while conns use it. */
struct tls_state {
	struct kept_session *kept; /* oldest first */
	size_t kept_len;
	size_t kept_max;
	uint64_t ticket_key_at_ms; /* when the server's ticket key was made */
};

struct tls {
	SSL_CTX *ctx;
	bool is_server;
	bool is_for_printers; /* verifies no peer: only tls_printer_open sets it */
	uint8_t (*pins)[TLS_PIN_BYTES];
	size_t pin_count;
	struct tls_state *state;
};

/* ---- what client and server share ---- */

/* Process-wide, because OpenSSL supports about a hundred BIO types in total. */
static BIO_METHOD *bio_method(void)
{
	static BIO_METHOD *method;
	if (method != NULL)
		return method;
	int index = BIO_get_new_index();
	if (index < 0)
		return NULL;
	method = BIO_meth_new(index | BIO_TYPE_SOURCE_SINK, "platen conn");
	if (method == NULL)
		return NULL;
	if (BIO_meth_set_read_ex(method, conn_bio_read) != 1 ||
		BIO_meth_set_write_ex(method, conn_bio_write) != 1 ||
		BIO_meth_set_ctrl(method, conn_bio_ctrl) != 1) {
		BIO_meth_free(method);
		method = NULL;
	}
	return method;
}

static int fail(char *why, size_t cap, int err, const char *what, const char *file)
{
	unsigned long code = ERR_peek_last_error();
	const char *reason = code != 0 ? ERR_reason_error_string(code) : NULL;
	(void)snprintf(why, cap, "%s%s%s: %s", what, file != NULL ? " " : "",
		file != NULL ? file : "", reason != NULL ? reason : err_text(err));
	ERR_clear_error();
	return err;
}

/* The same, and closes `t`. */
static int give_up(
	struct tls *t, char *why, size_t cap, int err, const char *what, const char *file)
{
	err = fail(why, cap, err, what, file);
	tls_close(t);
	return err;
}

static int context_open(struct tls **ret, bool is_server, char *why, size_t why_cap)
{
	struct tls *t = calloc(1, sizeof *t);
	if (t == NULL || (t->state = calloc(1, sizeof *t->state)) == NULL) {
		free(t);
		return fail(why, why_cap, -ENOMEM, "no TLS", NULL);
	}
	t->is_server = is_server;
	ERR_clear_error();
	t->ctx = SSL_CTX_new(is_server ? TLS_server_method() : TLS_client_method());
	if (t->ctx == NULL || bio_method() == NULL ||
		SSL_CTX_set_min_proto_version(t->ctx, TLS1_2_VERSION) != 1 ||
		SSL_CTX_set_max_proto_version(t->ctx, 0) != 1 ||
		SSL_CTX_set_cipher_list(t->ctx, "ECDHE+AESGCM:ECDHE+CHACHA20:!aNULL") != 1)
		return give_up(t, why, why_cap, ERR_CRYPTO, "no TLS", NULL);
	SSL_CTX_set_security_level(t->ctx, 2);
	SSL_CTX_clear_options(t->ctx, SSL_OP_IGNORE_UNEXPECTED_EOF);
	SSL_CTX_set_options(t->ctx, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
	SSL_CTX_set_mode(t->ctx, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
					 SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
	SSL_CTX_set_default_passwd_cb(t->ctx, crypto_no_passphrase);
	*ret = t;
	return 0;
}

void tls_close(struct tls *t)
{
	if (t == NULL)
		return;
	for (size_t i = 0; i < t->state->kept_len; i++) {
		SSL_SESSION_free(t->state->kept[i].session);
		free(t->state->kept[i].key);
	}
	free(t->state->kept);
	free(t->state);
	free(t->pins);
	SSL_CTX_free(t->ctx);
	free(t);
}

bool tls_is_server(const struct tls *t)
{
	return t->is_server;
}

bool tls_is_for_printers(const struct tls *t)
{
	return t->is_for_printers;
}

/* ---- sessions of a client ---- */

static void session_key(char dst[LIMIT_HOST + 8], const struct conn *c)
{
	(void)snprintf(dst, LIMIT_HOST + 8, "%s:%u", c->host, c->port);
}

static void forget(struct tls_state *s, size_t at)
{
	SSL_SESSION_free(s->kept[at].session);
	free(s->kept[at].key);
	s->kept_len--;
	memmove(&s->kept[at], &s->kept[at + 1], (s->kept_len - at) * sizeof s->kept[0]);
}

/* Called by OpenSSL for each ticket. Returns 1 if the session is ours now. */
static int on_new_session(SSL *ssl, SSL_SESSION *session)
{
	const struct conn *c = SSL_get_app_data(ssl);
	struct tls_state *s = c->tls->state;
	char key[LIMIT_HOST + 8];
	bool is_of_before = SSL_get_SSL_CTX(ssl) != c->tls->ctx; /* tls_client_replace */
	if (c->tls->is_server || is_of_before || SSL_SESSION_is_resumable(session) != 1)
		return 0;
	session_key(key, c);
	char *copy = strdup(key);
	if (copy == NULL)
		return 0;
	if (s->kept_len == s->kept_max)
		forget(s, 0);
	s->kept[s->kept_len++] = (struct kept_session){session, copy};
	return 1;
}

/* The newest one; of TLS 1.3 each is offered once (RFC 8446, appendix C.4). */
static void offer_session(const struct tls *t, SSL *ssl, const struct conn *c)
{
	struct tls_state *s = t->state;
	char key[LIMIT_HOST + 8];
	session_key(key, c);
	for (size_t i = s->kept_len; i-- > 0;) {
		if (strcmp(s->kept[i].key, key) != 0)
			continue;
		/* A refusal only means a full handshake. */
		(void)SSL_set_session(ssl, s->kept[i].session);
		if (SSL_SESSION_get_protocol_version(s->kept[i].session) >= TLS1_3_VERSION)
			forget(s, i);
		return;
	}
}

/* ---- client ---- */

/* Whether a key of the verified chain is pinned. */
static bool is_pinned(const struct tls *t, X509_STORE_CTX *store)
{
	STACK_OF(X509) *chain = X509_STORE_CTX_get0_chain(store);
	for (int i = 0; i < sk_X509_num(chain); i++) {
		uint8_t digest[CRYPTO_SHA256];
		uint8_t *der = NULL;
		int len = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(sk_X509_value(chain, i)), &der);
		bool is_known = len > 0 && crypto_sha256(der, (size_t)len, digest) == 0;
		OPENSSL_free(der);
		for (size_t k = 0; is_known && k < t->pin_count; k++) {
			if (memcmp(t->pins[k], digest, sizeof digest) == 0)
				return true;
		}
	}
	return false;
}

/* Called for each certificate of the chain, the server's own one last. */
static int on_verify(int is_ok, X509_STORE_CTX *store)
{
	SSL *ssl = X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx());
	struct conn *c = SSL_get_app_data(ssl);
	int depth = X509_STORE_CTX_get_error_depth(store);
	tls_note_certificate(c, X509_STORE_CTX_get0_cert(store));
	if (is_ok == 1 && (depth > 0 || c->tls->pin_count == 0 || is_pinned(c->tls, store)))
		return 1;
	if (is_ok == 1)
		X509_STORE_CTX_set_error(store, X509_V_ERR_APPLICATION_VERIFICATION);
	/* Only the leaf's issuer must have a list; lists of the CAs above are used if they are
	 * there. */
	if (X509_STORE_CTX_get_error(store) == X509_V_ERR_UNABLE_TO_GET_CRL && depth > 0) {
		X509_STORE_CTX_set_error(store, X509_V_OK);
		return 1;
	}
	tls_why_certificate(c->why, sizeof c->why, c->host, store);
	return 0;
}

static int keep_pins(struct tls *t, const struct tls_client_options *o)
{
	t->pin_count = o->pins != NULL ? o->pin_count : 0;
	t->pins = t->pin_count > 0 ? calloc(t->pin_count, sizeof t->pins[0]) : NULL;
	if (t->pin_count > 0 && t->pins == NULL)
		return -ENOMEM;
	for (size_t i = 0; i < t->pin_count; i++)
		memcpy(t->pins[i], o->pins[i], sizeof t->pins[0]);
	return 0;
}

/* The files of the options. */
static int load_client(struct tls *t, const struct tls_client_options *o, char *why, size_t why_cap)
{
	int err = 0;
	if (o->ca_file != NULL)
		err = tls_file_trust(t->ctx, o->ca_file, false, why, why_cap);
	else if (SSL_CTX_set_default_verify_paths(t->ctx) != 1)
		return fail(why, why_cap, ERR_KEY, "cannot read the trusted certificates in",
			"the system's store");
	if (err == 0 && o->crl_file != NULL)
		err = tls_file_trust(t->ctx, o->crl_file, true, why, why_cap);
	if (err == 0 && o->cert_file != NULL)
		err = tls_file_identity(t->ctx, o->cert_file, o->key_file, why, why_cap);
	return err;
}

int tls_client_open(struct tls **ret, const struct tls_client_options *o, char *why, size_t why_cap)
{
	struct tls *t;
	int err = context_open(&t, false, why, why_cap);
	if (err < 0)
		return err;
	/* NOLINTNEXTLINE(clang-analyzer-core.NullDereference): 0 came with a context */
	t->state->kept_max = o->sessions_max > 0 ? o->sessions_max : LIMIT_TLS_SESSIONS;
	t->state->kept = calloc(t->state->kept_max, sizeof t->state->kept[0]);
	if (t->state->kept == NULL)
		return give_up(t, why, why_cap, -ENOMEM, "no TLS", NULL);
	if (keep_pins(t, o) < 0)
		return give_up(t, why, why_cap, -ENOMEM, "no TLS", NULL);
	err = load_client(t, o, why, why_cap);
	if (err < 0) {
		tls_close(t);
		return err;
	}
	X509_VERIFY_PARAM *param = SSL_CTX_get0_param(t->ctx);
	X509_VERIFY_PARAM_set_hostflags(
		param, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS | X509_CHECK_FLAG_NEVER_CHECK_SUBJECT);
	X509_VERIFY_PARAM_set_depth(param, 8);
	if (SSL_CTX_set_purpose(t->ctx, X509_PURPOSE_SSL_SERVER) != 1)
		return give_up(t, why, why_cap, ERR_CRYPTO, "no TLS", NULL);
	SSL_CTX_set_verify(t->ctx, SSL_VERIFY_PEER, on_verify);
	(void)SSL_CTX_set_session_cache_mode(
		t->ctx, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL_STORE);
	SSL_CTX_sess_set_new_cb(t->ctx, on_new_session);
	*ret = t;
	return 0;
}

/* ---- client of printers ---- */

int tls_printer_open(struct tls **ret, char *why, size_t why_cap)
{
	enum { SHORT_KEYS_TOO = 1 };
	struct tls *t;
	int err = context_open(&t, false, why, why_cap);
	if (err < 0)
		return err;
	/* NOLINTNEXTLINE(clang-analyzer-core.NullDereference): 0 came with a context */
	t->is_for_printers = true;
	SSL_CTX_set_security_level(t->ctx, SHORT_KEYS_TOO);
	if (SSL_CTX_set_cipher_list(t->ctx, "DEFAULT:!aNULL:!eNULL:!PSK:!SRP") != 1)
		return give_up(t, why, why_cap, ERR_CRYPTO, "no TLS", NULL);
	SSL_CTX_set_verify(t->ctx, SSL_VERIFY_NONE, NULL);
	*ret = t;
	return 0;
}

/* Which name the certificate must carry, and SNI unless it is an address. */
static int expect_name(SSL *ssl, const char *host)
{
	char name[LIMIT_HOST + 1];
	size_t len = str_copy(name, sizeof name, host);
	if (len > 1 && name[len - 1] == '.')
		name[len - 1] = '\0'; /* a fully qualified name; certificates leave the dot out */
	if (X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), name) == 1)
		return 0;
	ERR_clear_error();
	if (SSL_set1_host(ssl, name) != 1 || SSL_set_tlsext_host_name(ssl, name) != 1)
		return ERR_CRYPTO;
	return 0;
}

/* ---- server ---- */

int tls_server_open(struct tls **ret, const struct tls_server_options *o, char *why, size_t why_cap)
{
	static const unsigned char id[] = "platen-hub";
	struct tls *t;
	int err = context_open(&t, true, why, why_cap);
	if (err < 0)
		return err;
	err = tls_file_identity(t->ctx, o->cert_file, o->key_file, why, why_cap);
	if (err == 0 && o->client_ca_file != NULL)
		err = tls_file_trust(t->ctx, o->client_ca_file, false, why, why_cap);
	if (err < 0) {
		tls_close(t);
		return err;
	}
	if (o->client_ca_file != NULL)
		SSL_CTX_set_verify(t->ctx,
			SSL_VERIFY_PEER |
				(o->is_client_optional ? 0 : SSL_VERIFY_FAIL_IF_NO_PEER_CERT),
			NULL);
	if (SSL_CTX_set_session_id_context(t->ctx, id, sizeof id - 1) != 1 ||
		SSL_CTX_set_num_tickets(t->ctx, 1) != 1)
		return give_up(t, why, why_cap, ERR_CRYPTO, "no TLS", NULL);
	SSL_CTX_set_options(t->ctx, SSL_OP_CIPHER_SERVER_PREFERENCE);
	(void)SSL_CTX_set_session_cache_mode(t->ctx, SSL_SESS_CACHE_SERVER);
	(void)SSL_CTX_sess_set_cache_size(
		t->ctx, 1024); /* only for TLS 1.2 peers without tickets */
	*ret = t;
	return 0;
}

static uint64_t expires_ms(const X509 *cert)
{
	struct tm tm;
	if (cert == NULL || ASN1_TIME_to_tm(X509_get0_notAfter(cert), &tm) != 1)
		return 0;
	time_t at = timegm(&tm);
	return at > 0 ? (uint64_t)at * 1000 : 0;
}

uint64_t tls_own_expires_ms(const struct tls *t)
{
	return expires_ms(SSL_CTX_get0_certificate(t->ctx));
}

void tls_note_certificate(struct conn *c, const X509 *cert)
{
	if (cert == NULL)
		return;
	tls_why_name(c->certificate.issuer, X509_get_issuer_name(cert));
	c->certificate.expires_ms = expires_ms(cert);
}

static void swap_context(struct tls *t, struct tls *next)
{
	SSL_CTX *old = t->ctx; /* each SSL of an open conn holds a reference */
	t->ctx = next->ctx;
	next->ctx = old;
}

void tls_server_replace(struct tls *t, struct tls *next)
{
	swap_context(t, next);
	t->state->ticket_key_at_ms = 0;
	tls_close(next);
}

void tls_client_replace(struct tls *t, struct tls *next)
{
	struct tls was = *t;
	swap_context(t, next);
	t->pins = next->pins;
	t->pin_count = next->pin_count;
	next->pins = was.pins;
	while (t->state->kept_len > 0)
		forget(t->state, 0);
	tls_close(next);
}

/* A new ticket key each day; a client with an older ticket makes a full handshake. */
static int refresh_ticket_key(const struct tls *t, uint64_t now_ms)
{
	unsigned char keys[80]; /* name 16, HMAC 32, AES 32: the layout of OpenSSL */
	struct tls_state *s = t->state;
	if (s->ticket_key_at_ms != 0 && now_ms - s->ticket_key_at_ms < LIMIT_TICKET_KEY_MS)
		return 0;
	int err = crypto_random(keys, sizeof keys);
	if (err == 0 && SSL_CTX_set_tlsext_ticket_keys(t->ctx, keys, sizeof keys) != 1)
		err = ERR_CRYPTO;
	crypto_wipe(keys, sizeof keys);
	if (err == 0)
		s->ticket_key_at_ms = now_ms;
	return err;
}

/* ---- one conn ---- */

int tls_new_ssl(SSL **ret, const struct tls *t, struct conn *c)
{
	int err = t->is_server ? refresh_ticket_key(t, loop_now_ms(c->net->loop)) : 0;
	if (err < 0)
		return err;
	ERR_clear_error();
	SSL *ssl = SSL_new(t->ctx);
	BIO *bio = ssl != NULL ? BIO_new(bio_method()) : NULL;
	if (bio == NULL) {
		SSL_free(ssl);
		return ERR_CRYPTO;
	}
	BIO_set_data(bio, c);
	BIO_set_init(bio, 1);
	SSL_set_bio(ssl, bio, bio); /* owns it */
	SSL_set_app_data(ssl, c);
	if (t->is_server) {
		SSL_set_accept_state(ssl);
	} else {
		SSL_set_connect_state(ssl);
		err = t->is_for_printers ? 0 : expect_name(ssl, c->host);
		if (err < 0) {
			SSL_free(ssl);
			return err;
		}
		if (!c->is_fresh)
			offer_session(t, ssl, c);
	}
	*ret = ssl;
	return 0;
}
