/* SPDX-License-Identifier: Apache-2.0
 * Pinned keys, client certificates, settings that change while the client lives, and files that are
 * no files. After a refusal no byte of the application has left. */
#include "tests/kit/loop_peers.h"

#include "engine/loop/crypto.h"
#include "proto/base/str.h"

#include <openssl/pem.h>
#include <openssl/x509.h>

#include <sys/stat.h>
#include <time.h>

static void say_secret(struct side *s)
{
	assert_int_equal(conn_write(s->c, "Password", 8), 0);
}

static void close_side(struct side *s)
{
	conn_close(s->c);
}

static void close_on_bytes(struct side *s, const uint8_t *bytes, size_t len)
{
	(void)bytes;
	if (s->in.len >= 8 && len > 0)
		conn_close(s->c);
}

static void pin_of(const char *name, uint8_t pin[TLS_PIN_BYTES])
{
	FILE *f = fopen(cert_path(name), "r");
	assert_non_null(f);
	X509 *cert = PEM_read_X509(f, NULL, NULL, NULL);
	assert_non_null(cert);
	uint8_t *der = NULL;
	int len = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(cert), &der);
	assert_true(len > 0);
	assert_int_equal(crypto_sha256(der, (size_t)len, pin), 0);
	OPENSSL_free(der);
	X509_free(cert);
	assert_int_equal(fclose(f), 0);
}

static struct tls *client_of(const struct tls_client_options *o)
{
	struct tls *t = NULL;
	char why[LIMIT_WHY] = "";
	int err = tls_client_open(&t, o, why, sizeof why);
	if (err < 0)
		print_error("%s\n", why);
	assert_int_equal(err, 0);
	return t;
}

static struct tls *server_of(const struct tls_server_options *o)
{
	struct tls *t = NULL;
	char why[LIMIT_WHY] = "";
	int err = tls_server_open(&t, o, why, sizeof why);
	if (err < 0)
		print_error("%s\n", why);
	assert_int_equal(err, 0);
	return t;
}

/* One conversation: 0 or the client's error; `why` is the client's. */
static int talk(
	const struct tls_client_options *c, const struct tls_server_options *s, char why[LIMIT_WHY])
{
	struct world w;
	struct side client = {.on_open = say_secret, .on_end = side_ends_all};
	world_open(&w);
	w.server_tls = server_of(s);
	w.client_tls = client_of(c);
	w.script.on_bytes = close_on_bytes;
	world_listen(&w, "127.0.0.1");
	assert_int_equal(world_dial(&w, &client, "localhost", listener_port(w.listener), 5000), 0);
	world_run(&w);
	(void)str_copy(why, LIMIT_WHY, client.why);
	int err = client.err;
	assert_int_equal(w.accepted, 1);
	assert_int_equal(w.server[0].in.len, err == 0 ? 8 : 0);
	side_close(&client);
	world_close(&w);
	return err;
}

static struct tls_server_options good_server(void)
{
	return (struct tls_server_options){
		.cert_file = cert_path("server.pem"), .key_file = cert_path("server.key")};
}

/* ---- pins ---- */

static void test_pinned_key_is_required(void **state)
{
	(void)state;
	static const char *const pinned[] = {"server.pem", "intermediate.pem", "ca.pem"};
	uint8_t pins[2][TLS_PIN_BYTES];
	char why[LIMIT_WHY];
	struct tls_server_options s = good_server();
	struct tls_client_options c = {
		.ca_file = cert_path("ca.pem"), .pins = pins, .pin_count = 2};
	pin_of("other.pem", pins[0]);
	for (size_t i = 0; i < 3; i++) {
		pin_of(pinned[i], pins[1]);
		assert_int_equal(talk(&c, &s, why), 0);
	}
	pin_of("bad-name.pem", pins[1]);
	assert_int_equal(talk(&c, &s, why), ERR_TLS_PIN);
	assert_non_null(strstr(why, "issued by \"CN=platen test intermediate"));
	assert_non_null(strstr(why, "hub.spki_pin"));
	assert_false(err_passes(ERR_TLS_PIN));
}

/* A pin adds to the other checks and replaces none. */
static void test_pin_does_not_replace_verification(void **state)
{
	(void)state;
	uint8_t pins[1][TLS_PIN_BYTES];
	char why[LIMIT_WHY];
	struct tls_server_options s = {
		.cert_file = cert_path("bad-name.pem"), .key_file = cert_path("bad-name.key")};
	struct tls_client_options c = {
		.ca_file = cert_path("ca.pem"), .pins = pins, .pin_count = 1};
	pin_of("bad-name.pem", pins[0]);
	assert_int_equal(talk(&c, &s, why), ERR_TLS_NAME);
	s = (struct tls_server_options){.cert_file = cert_path("bad-self-signed.pem"),
		.key_file = cert_path("bad-self-signed.key")};
	pin_of("bad-self-signed.pem", pins[0]);
	assert_int_equal(talk(&c, &s, why), ERR_TLS_UNTRUSTED);
}

/* ---- client certificates ---- */

static void test_client_certificates(void **state)
{
	(void)state;
	char why[LIMIT_WHY];
	struct tls_server_options s = good_server();
	struct tls_client_options c = {.ca_file = cert_path("ca.pem")};
	s.client_ca_file = cert_path("ca.pem");
	/* Required. */
	assert_int_not_equal(talk(&c, &s, why), 0);
	assert_non_null(strstr(why, "certificate required"));
	c.cert_file = cert_path("bad-purpose.pem"); /* a client's: no server may use it */
	c.key_file = cert_path("bad-purpose.key");
	assert_int_equal(talk(&c, &s, why), 0);
	c.cert_file = cert_path("bad-other-ca.pem");
	c.key_file = cert_path("bad-other-ca.key");
	assert_int_not_equal(talk(&c, &s, why), 0);
	assert_non_null(strstr(why, "unknown ca"));
	c.cert_file = cert_path("bad-expired.pem");
	c.key_file = cert_path("bad-expired.key");
	assert_int_not_equal(talk(&c, &s, why), 0);
	/* Optional: none will do, a wrong one will not. */
	s.is_client_optional = true;
	assert_int_not_equal(talk(&c, &s, why), 0);
	c.cert_file = c.key_file = NULL;
	assert_int_equal(talk(&c, &s, why), 0);
}

static void test_certificate_that_was_seen(void **state)
{
	(void)state;
	struct tls_client_options c = {.ca_file = cert_path("ca.pem")};
	struct tls *t = client_of(&c);
	assert_int_equal(tls_own_expires_ms(t), 0);
	tls_close(t);
	c.cert_file = cert_path("bad-purpose.pem");
	c.key_file = cert_path("bad-purpose.key");
	t = client_of(&c);
	uint64_t now_ms = (uint64_t)time(NULL) * 1000;
	assert_in_range(
		tls_own_expires_ms(t), now_ms + 820 * 86400000ull, now_ms + 826 * 86400000ull);
	tls_close(t);
}

/* ---- settings that change ---- */

enum { TALKS = 5 };

struct chain {
	struct world w;
	struct side client[TALKS];
	unsigned at;
	struct tls *next; /* before the fourth */
};

static void chain_dial(struct chain *c);

static void chain_on_end(struct side *s)
{
	struct chain *c = s->more;
	if (++c->at == TALKS) {
		world_no_more(&c->w);
		return;
	}
	if (c->at == 3)
		tls_client_replace(c->w.client_tls, c->next);
	chain_dial(c);
}

static void chain_dial(struct chain *c)
{
	struct side *s = &c->client[c->at];
	*s = (struct side){.on_open = say_secret, .on_end = chain_on_end, .more = c};
	assert_int_equal(world_dial(&c->w, s, "localhost", listener_port(c->w.listener), 5000), 0);
}

static void answer(struct side *s, const uint8_t *bytes, size_t len)
{
	(void)bytes;
	if (len > 0)
		assert_int_equal(conn_write(s->c, "Welcome!", 8), 0);
}

/* One full handshake serves every later conn; after new settings there is one more. */
static void test_new_settings_resume_no_old_session(void **state)
{
	(void)state;
	static struct chain c;
	uint8_t pins[1][TLS_PIN_BYTES];
	pin_of("server.pem", pins[0]);
	struct tls_client_options o = {.ca_file = cert_path("ca.pem")};
	struct tls_server_options s = good_server();
	world_open(&c.w);
	c.w.server_tls = server_of(&s);
	c.w.client_tls = client_of(&o);
	o.pins = pins;
	o.pin_count = 1;
	c.next = client_of(&o);
	c.w.script.on_bytes = answer;
	c.w.script.on_writable = close_side;
	world_listen(&c.w, "127.0.0.1");
	chain_dial(&c);
	world_run(&c.w);
	static const bool resumed[TALKS] = {false, true, true, false, true};
	for (unsigned i = 0; i < TALKS; i++) {
		assert_int_equal(c.client[i].in.len, 8);
		assert_int_equal(c.client[i].is_resumed, resumed[i]);
		side_close(&c.client[i]);
	}
	world_close(&c.w);
}

/* ---- files ---- */

/* A pipe without a writer would hold open() for ever. */
static void test_pipe_as_a_file_is_refused(void **state)
{
	(void)state;
	const char *pipe = cert_path("pipe");
	const char *server = cert_path("server.pem"), *key = cert_path("server.key");
	char why[LIMIT_WHY];
	struct tls *t;
	assert_int_equal(mkfifo(pipe, 0600), 0);
	const struct tls_client_options clients[] = {{.ca_file = pipe},
		{.ca_file = cert_path("ca.pem"), .crl_file = pipe},
		{.ca_file = cert_path("ca.pem"), .cert_file = pipe, .key_file = key},
		{.ca_file = cert_path("ca.pem"), .cert_file = server, .key_file = pipe},
		{.ca_file = "/dev/zero"}};
	for (size_t i = 0; i < sizeof clients / sizeof clients[0]; i++) {
		assert_int_equal(tls_client_open(&t, &clients[i], why, sizeof why), ERR_KEY);
		assert_non_null(strstr(why, "not a regular file"));
	}
	const struct tls_server_options servers[] = {{.cert_file = pipe, .key_file = key},
		{.cert_file = server, .key_file = pipe},
		{.cert_file = server, .key_file = key, .client_ca_file = pipe}};
	for (size_t i = 0; i < sizeof servers / sizeof servers[0]; i++) {
		assert_int_equal(tls_server_open(&t, &servers[i], why, sizeof why), ERR_KEY);
		assert_non_null(strstr(why, "not a regular file"));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pinned_key_is_required),
		cmocka_unit_test(test_pin_does_not_replace_verification),
		cmocka_unit_test(test_client_certificates),
		cmocka_unit_test(test_certificate_that_was_seen),
		cmocka_unit_test(test_new_settings_resume_no_old_session),
		cmocka_unit_test(test_pipe_as_a_file_is_refused),
	};
	return cmocka_run_group_tests(tests, certs_make, certs_remove);
}
