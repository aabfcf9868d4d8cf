/* SPDX-License-Identifier: Apache-2.0
 * TLS: every certificate that must be refused is, by the right name, and the server never sees a
 * byte of the application; old versions are refused; sessions are resumed. */
#include "tests/kit/loop_peers.h"

#include "proto/base/err.h"

#include <openssl/ssl.h>

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sys/socket.h>
#include <sys/stat.h>

static void say_secret(struct side *s)
{
	assert_int_equal(conn_write(s->c, "password", 8), 0);
}

static void close_on_bytes(struct side *s, const uint8_t *bytes, size_t len)
{
	(void)bytes;
	(void)len;
	conn_close(s->c);
}

static void echo_password(struct side *s, const uint8_t *bytes, size_t len)
{
	(void)bytes;
	(void)len;
	if (s->in.len == 8)
		assert_int_equal(conn_write(s->c, s->in.data, s->in.len), 0);
}

static void close_side(struct side *s)
{
	conn_close(s->c);
}

/* One client that wants to say something to one server with that certificate. */
struct attempt {
	const char *cert; /* without .pem */
	const char *ca;
	const char *crl;
	const char *host;
	int err;
	const char *why; /* is in the sentence */
};

static void try_it(const struct attempt *a)
{
	struct world w;
	struct side client = {.on_open = say_secret, .on_end = side_ends_all};
	char cert[64];
	char key[64];
	(void)snprintf(cert, sizeof cert, "%s.pem", a->cert);
	(void)snprintf(key, sizeof key, "%s.key", a->cert);
	world_open(&w);
	world_server_tls(&w, cert, key);
	world_client_tls(&w, a->ca != NULL ? a->ca : "ca.pem", a->crl);
	w.script.on_bytes = close_on_bytes;
	world_listen(&w, strcmp(a->host, "::1") == 0 ? "::1" : "127.0.0.1");
	assert_int_equal(world_dial(&w, &client, a->host, listener_port(w.listener), 5000), 0);
	world_run(&w);
	if (client.err != a->err || (a->why != NULL && strstr(client.why, a->why) == NULL))
		print_error("%s as %s: %s, \"%s\"\n", a->cert, a->host, err_text(client.err),
			client.why);
	assert_int_equal(client.err, a->err);
	assert_int_equal(w.accepted, 1);
	if (a->why != NULL)
		assert_non_null(strstr(client.why, a->why));
	if (a->err == 0) {
		assert_int_equal(client.opens, 1);
		assert_int_equal(w.server[0].in.len, 8);
	} else {
		assert_int_equal(client.opens, 0);
		assert_int_equal(w.server[0].in.len, 0);
		assert_int_equal(w.server[0].opens, 0);
		assert_false(err_passes(client.err));
	}
	side_close(&client);
	world_close(&w);
}

static void test_certificates(void **state)
{
	(void)state;
	const struct attempt attempts[] = {
		/* positive controls: the same client and server talk when all is well */
		{"server", NULL, NULL, "127.0.0.1", 0, NULL},
		{"server", NULL, NULL, "localhost", 0, NULL},
		{"server", NULL, NULL, "::1", 0, NULL},
		{"server", NULL, "crl.pem", "localhost", 0, NULL},
		{"bad-revoked", NULL, NULL, "localhost", 0, NULL},
		{"bad-revoked", NULL, "crl.pem", "localhost", 0, NULL},
		{"bad-self-signed", "bad-self-signed.pem", NULL, "localhost", 0, NULL},
		{"bad-other-ca", "other.pem", NULL, "localhost", 0, NULL},

		{"bad-expired", NULL, NULL, "localhost", ERR_TLS_EXPIRED, "expired on 20"},
		{"bad-early", NULL, NULL, "localhost", ERR_TLS_EXPIRED, "valid only from 20"},
		{"bad-name", NULL, NULL, "localhost", ERR_TLS_NAME,
			"for elsewhere.example, not for localhost"},
		{"bad-name", NULL, NULL, "127.0.0.1", ERR_TLS_NAME, "not for 127.0.0.1"},
		{"bad-cn-only", NULL, NULL, "localhost", ERR_TLS_NAME, "no name in subjectAltName"},
		{"bad-wildcard", NULL, NULL, "localhost", ERR_TLS_NAME, "loc*"},
		{"bad-purpose", NULL, NULL, "localhost", ERR_TLS_UNTRUSTED, "not meant for a TLS"},
		{"bad-no-chain", NULL, NULL, "localhost", ERR_TLS_UNTRUSTED,
			"issued by \"CN=platen test intermediate"},
		{"bad-other-ca", NULL, NULL, "localhost", ERR_TLS_UNTRUSTED, "CN=another root"},
		{"server", "other.pem", NULL, "localhost", ERR_TLS_UNTRUSTED, "CA file"},
		{"bad-self-signed", NULL, NULL, "localhost", ERR_TLS_UNTRUSTED, "self-signed"},
		{"bad-leaf-issuer", NULL, NULL, "localhost", ERR_TLS_UNTRUSTED, "CN=localhost"},
		{"bad-revoked", NULL, "crl-revoked.pem", "localhost", ERR_TLS_REVOKED,
			"revoked by \"CN=platen test intermediate"},
		{"server", NULL, "other.crl", "localhost", ERR_TLS_UNTRUSTED, "CRL file holds no"},
	};
	/* A list of another authority. */
	char command[512];
	(void)snprintf(command, sizeof command,
		"cd %s && openssl ca -gencrl -config other.cnf -out other.crl 2>/dev/null",
		certs_dir);
	assert_int_equal(system(command), 0);
	for (size_t i = 0; i < sizeof attempts / sizeof attempts[0]; i++)
		try_it(&attempts[i]);
}

/* A client without ca_file uses the system's store, which does not know ours. */
static void test_system_store(void **state)
{
	struct world w;
	struct side client = {.on_open = say_secret, .on_end = side_ends_all};
	char why[LIMIT_WHY];
	struct tls_client_options o = {0};
	(void)state;
	world_open(&w);
	world_server_tls(&w, "server.pem", "server.key");
	assert_int_equal(tls_client_open(&w.client_tls, &o, why, sizeof why), 0);
	world_listen(&w, "127.0.0.1");
	assert_int_equal(world_dial(&w, &client, "127.0.0.1", listener_port(w.listener), 5000), 0);
	world_run(&w);
	assert_int_equal(client.err, ERR_TLS_UNTRUSTED);
	assert_int_equal(w.server[0].in.len, 0);
	assert_int_equal(w.server[0].err, ERR_TLS);
	assert_non_null(strstr(w.server[0].why, "unknown ca"));
	world_close(&w);
}

static void test_files(void **state)
{
	struct tls *t;
	char why[LIMIT_WHY];
	(void)state;
	struct tls_client_options c = {.ca_file = cert_path("none.pem")};
	assert_int_equal(tls_client_open(&t, &c, why, sizeof why), ERR_KEY);
	assert_non_null(strstr(why, "none.pem"));
	c.ca_file = cert_path("ca.key");
	assert_int_equal(tls_client_open(&t, &c, why, sizeof why), ERR_KEY);
	assert_non_null(strstr(why, "ca.key"));
	c.ca_file = cert_path("ca.pem");
	c.crl_file = cert_path("ca.key");
	assert_int_equal(tls_client_open(&t, &c, why, sizeof why), ERR_KEY);
	assert_non_null(strstr(why, "ca.key"));
	struct tls_server_options s = {
		.cert_file = cert_path("none.pem"), .key_file = cert_path("server.key")};
	assert_int_equal(tls_server_open(&t, &s, why, sizeof why), ERR_KEY);
	assert_non_null(strstr(why, "none.pem"));
	s = (struct tls_server_options){
		.cert_file = cert_path("server.pem"), .key_file = cert_path("none.key")};
	assert_int_equal(tls_server_open(&t, &s, why, sizeof why), -ENOENT);
	assert_non_null(strstr(why, "none.key"));
	/* A key that is not the certificate's. */
	s.key_file = cert_path("bad-name.key");
	assert_int_equal(tls_server_open(&t, &s, why, sizeof why), ERR_KEY);
	assert_non_null(strstr(why, "bad-name.key"));
	/* Below security level 2. */
	s = (struct tls_server_options){
		.cert_file = cert_path("bad-weak.pem"), .key_file = cert_path("bad-weak.key")};
	assert_int_equal(tls_server_open(&t, &s, why, sizeof why), ERR_KEY);
	assert_non_null(strstr(why, "small"));
	/* Others can read it. */
	const char *key = cert_path("server.key");
	s = (struct tls_server_options){.cert_file = cert_path("server.pem"), .key_file = key};
	assert_int_equal(chmod(key, 0644), 0);
	assert_int_equal(tls_server_open(&t, &s, why, sizeof why), ERR_KEY);
	assert_non_null(strstr(why, "chmod 0600"));
	assert_int_equal(chmod(key, 0600), 0);
	assert_int_equal(tls_server_open(&t, &s, why, sizeof why), 0);
	tls_close(t);
	tls_close(NULL);
}

/* ---- a server of another make, on a thread with blocking sockets ---- */

struct other_server {
	pthread_t thread;
	int fd;
	uint16_t port;
	int max_version;
	const char *cipher;
	const char *cert;
	const char *key;
	const char *plain; /* instead of TLS: these bytes */
	int got;           /* bytes of the application that it was sent; -1 none */
};

static void *serve_other(void *arg)
{
	struct other_server *s = arg;
	char bytes[64];
	int fd = accept(s->fd, NULL, NULL);
	if (s->plain != NULL) {
		(void)!write(fd, s->plain, strlen(s->plain));
		/* Reads the ClientHello, so that the close is no reset. */
		(void)!read(fd, bytes, sizeof bytes);
		close(fd);
		return NULL;
	}
	SSL_CTX *ctx = SSL_CTX_new(TLS_server_method());
	SSL_CTX_set_security_level(ctx, 0);
	if (SSL_CTX_set_min_proto_version(ctx, TLS1_VERSION) != 1 ||
		SSL_CTX_set_max_proto_version(ctx, s->max_version) != 1 ||
		(s->cipher != NULL && SSL_CTX_set_cipher_list(ctx, s->cipher) != 1) ||
		(s->cert != NULL &&
			(SSL_CTX_use_certificate_chain_file(ctx, s->cert) != 1 ||
				SSL_CTX_use_PrivateKey_file(ctx, s->key, SSL_FILETYPE_PEM) != 1)))
		abort();
	SSL *ssl = SSL_new(ctx);
	SSL_set_fd(ssl, fd);
	if (SSL_accept(ssl) == 1)
		s->got = SSL_read(ssl, bytes, sizeof bytes);
	SSL_free(ssl);
	SSL_CTX_free(ctx);
	close(fd);
	return NULL;
}

static void other_start(struct other_server *s)
{
	struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof a;
	s->got = -1;
	s->fd = socket(AF_INET, SOCK_STREAM, 0);
	assert_true(s->fd >= 0);
	assert_int_equal(bind(s->fd, (struct sockaddr *)&a, sizeof a), 0);
	assert_int_equal(listen(s->fd, 1), 0);
	assert_int_equal(getsockname(s->fd, (struct sockaddr *)&a, &len), 0);
	s->port = ntohs(a.sin_port);
	assert_int_equal(pthread_create(&s->thread, NULL, serve_other, s), 0);
}

static void other_stop(struct other_server *s)
{
	assert_int_equal(pthread_join(s->thread, NULL), 0);
	close(s->fd);
}

static int dial_other(struct other_server *s, char why[LIMIT_WHY])
{
	struct world w;
	struct side client = {.on_open = say_secret, .on_writable = close_side};
	world_open(&w);
	world_client_tls(&w, "ca.pem", NULL);
	other_start(s);
	assert_int_equal(world_dial(&w, &client, "127.0.0.1", s->port, 5000), 0);
	world_run(&w);
	other_stop(s);
	(void)snprintf(why, LIMIT_WHY, "%s", client.why);
	side_close(&client);
	world_close(&w);
	return client.err;
}

static void test_other_servers(void **state)
{
	char why[LIMIT_WHY];
	(void)state;
	struct other_server s = {.max_version = TLS1_2_VERSION,
		.cert = cert_path("server.pem"),
		.key = cert_path("server.key")};
	/* Positive controls: TLS 1.2 and 1.3 with a good cipher. */
	assert_int_equal(dial_other(&s, why), ERR_STOPPED);
	assert_int_equal(s.got, 8);
	s.max_version = TLS1_3_VERSION;
	assert_int_equal(dial_other(&s, why), ERR_STOPPED);
	assert_int_equal(s.got, 8);
	/* Old versions. */
	s.max_version = TLS1_1_VERSION;
	assert_int_equal(dial_other(&s, why), ERR_TLS_VERSION);
	assert_int_equal(s.got, -1);
	assert_non_null(strstr(why, "TLS 1.2"));
	s.max_version = TLS1_VERSION;
	assert_int_equal(dial_other(&s, why), ERR_TLS_VERSION);
	assert_int_equal(s.got, -1);
	/* TLS 1.2 with CBC, without forward secrecy, without encryption, without a certificate. */
	const char *ciphers[] = {
		"ECDHE-ECDSA-AES128-SHA", "ECDHE-ECDSA-AES256-SHA384", "eNULL", "aNULL"};
	s.max_version = TLS1_2_VERSION;
	for (size_t i = 0; i < sizeof ciphers / sizeof ciphers[0]; i++) {
		s.cipher = ciphers[i];
		if (strcmp(s.cipher, "aNULL") == 0)
			s.cert = NULL;
		assert_int_equal(dial_other(&s, why), ERR_TLS);
		assert_int_equal(s.got, -1);
	}
	/* A certificate below security level 2; our client refuses it by its key. */
	s.cipher = NULL;
	s.max_version = TLS1_3_VERSION;
	s.cert = cert_path("bad-weak.pem");
	s.key = cert_path("bad-weak.key");
	assert_int_equal(dial_other(&s, why), ERR_TLS_UNTRUSTED);
	assert_int_equal(s.got, -1);
	/* No TLS at all. */
	s.plain = "HTTP/1.1 400 Bad Request\r\n\r\n";
	assert_int_equal(dial_other(&s, why), ERR_TLS);
	assert_non_null(strstr(why, "not TLS"));
	s.plain = "";
	int err = dial_other(&s, why);
	assert_true(err == ERR_CLOSED || err == -ECONNRESET);
}

/* A client of another make: speaks no TLS, or stops in the middle. */
static void test_odd_clients(void **state)
{
	const char *said[] = {
		"GET / HTTP/1.1\r\nHost: a\r\n\r\n", "\x16\x03\x01\x00\x05hello", "\x16", ""};
	(void)state;
	for (size_t i = 0; i < sizeof said / sizeof said[0]; i++) {
		struct world w;
		struct sockaddr_in a = {
			.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
		world_open(&w);
		world_server_tls(&w, "server.pem", "server.key");
		w.script.on_end = side_ends_all;
		world_listen(&w, "127.0.0.1");
		a.sin_port = htons(listener_port(w.listener));
		int fd = socket(AF_INET, SOCK_STREAM, 0);
		assert_true(fd >= 0);
		assert_int_equal(connect(fd, (struct sockaddr *)&a, sizeof a), 0);
		assert_int_equal(write(fd, said[i], strlen(said[i])), strlen(said[i]));
		assert_int_equal(shutdown(fd, SHUT_WR), 0);
		world_run(&w);
		assert_int_equal(w.server[0].opens, 0);
		assert_int_equal(w.server[0].err, i == 0 ? ERR_TLS : ERR_CLOSED);
		if (i == 0)
			assert_non_null(strstr(w.server[0].why, "not TLS"));
		close(fd);
		world_close(&w);
	}
}

/* ---- clients of another make, on a thread ---- */

struct other_client {
	pthread_t thread;
	uint16_t port;
	int version;
	bool has_joined;
	bool is_resumed; /* the second time */
	int renegotiated;
};

static SSL *join_as(SSL_CTX *ctx, const struct other_client *c, SSL_SESSION *session)
{
	struct sockaddr_in a = {.sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
		.sin_port = htons(c->port)};
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	SSL *ssl = SSL_new(ctx);
	if (fd < 0 || connect(fd, (struct sockaddr *)&a, sizeof a) < 0 || SSL_set_fd(ssl, fd) != 1)
		abort();
	if (session != NULL)
		(void)SSL_set_session(ssl, session);
	if (SSL_connect(ssl) == 1)
		return ssl;
	SSL_free(ssl);
	close(fd);
	return NULL;
}

static void leave(SSL *ssl)
{
	int fd = SSL_get_fd(ssl);
	(void)SSL_shutdown(ssl);
	SSL_free(ssl);
	close(fd);
}

static void *be_other_client(void *arg)
{
	struct other_client *c = arg;
	char bytes[8];
	SSL_CTX *ctx = SSL_CTX_new(TLS_client_method());
	SSL_CTX_set_security_level(ctx, 0);
	if (SSL_CTX_set_min_proto_version(ctx, TLS1_VERSION) != 1 ||
		SSL_CTX_set_max_proto_version(ctx, c->version) != 1)
		abort();
	SSL *ssl = join_as(ctx, c, NULL);
	c->has_joined = ssl != NULL;
	if (ssl != NULL) {
		if (SSL_write(ssl, "password", 8) != 8 || SSL_read(ssl, bytes, 8) != 8)
			abort();
		SSL_SESSION *session = SSL_get1_session(ssl);
		leave(ssl);
		ssl = join_as(ctx, c, session);
		SSL_SESSION_free(session);
		c->is_resumed = ssl != NULL && SSL_session_reused(ssl) == 1;
		if (ssl != NULL && c->version == TLS1_2_VERSION && SSL_renegotiate(ssl) == 1)
			c->renegotiated = SSL_do_handshake(ssl) == 1 && SSL_read(ssl, bytes, 8) > 0;
		if (ssl != NULL)
			leave(ssl);
	}
	SSL_CTX_free(ctx);
	return NULL;
}

static unsigned still_expected;

static void expect_one_less(struct side *s)
{
	if (--still_expected == 0)
		world_no_more(s->w);
}

static void test_other_clients(void **state)
{
	const int versions[] = {TLS1_3_VERSION, TLS1_2_VERSION, TLS1_1_VERSION, TLS1_VERSION};
	(void)state;
	for (size_t i = 0; i < sizeof versions / sizeof versions[0]; i++) {
		struct world w;
		struct other_client c = {.version = versions[i]};
		bool is_good = versions[i] >= TLS1_2_VERSION;
		world_open(&w);
		world_server_tls(&w, "server.pem", "server.key");
		w.script.on_bytes = echo_password;
		w.script.on_end = expect_one_less;
		still_expected = is_good ? 2 : 1;
		world_listen(&w, "127.0.0.1");
		c.port = listener_port(w.listener);
		assert_int_equal(pthread_create(&c.thread, NULL, be_other_client, &c), 0);
		world_run(&w);
		assert_int_equal(pthread_join(c.thread, NULL), 0);
		assert_int_equal(c.has_joined, is_good);
		assert_int_equal(c.is_resumed, is_good);
		assert_int_equal(c.renegotiated, 0);
		assert_int_equal(w.accepted, is_good ? 2 : 1);
		if (is_good) {
			assert_int_equal(w.server[0].err, 0);
		} else {
			assert_int_equal(w.server[0].err, ERR_TLS_VERSION);
			assert_int_equal(w.server[0].opens, 0);
		}
		world_close(&w);
	}
}

/* ---- resumption: one after the other, each with the ticket of the one before ---- */

static struct side chain[4];
static unsigned chained;

static void talk_then_next(struct side *s)
{
	if (++chained == 4)
		world_no_more(s->w);
	else
		assert_int_equal(world_dial(s->w, &chain[chained], "localhost",
					 listener_port(s->w->listener), 5000),
			0);
}

static void echo(struct side *s, const uint8_t *bytes, size_t len)
{
	(void)bytes;
	(void)len;
	assert_int_equal(conn_write(s->c, s->in.data, s->in.len), 0);
}

static void test_resumption(void **state)
{
	struct world w;
	(void)state;
	world_open(&w);
	world_server_tls(&w, "server.pem", "server.key");
	world_client_tls(&w, "ca.pem", NULL);
	w.script.on_bytes = echo;
	world_listen(&w, "127.0.0.1");
	memset(chain, 0, sizeof chain);
	chained = 0;
	for (unsigned i = 0; i < 4; i++) {
		chain[i].on_open = say_secret;
		chain[i].on_bytes = close_on_bytes;
		chain[i].on_end = talk_then_next;
	}
	assert_int_equal(
		world_dial(&w, &chain[0], "localhost", listener_port(w.listener), 5000), 0);
	world_run(&w);
	assert_int_equal(chained, 4);
	for (unsigned i = 0; i < 4; i++) {
		assert_int_equal(chain[i].err, ERR_STOPPED);
		assert_int_equal(chain[i].in.len, 8);
		assert_int_equal(chain[i].is_resumed, i > 0);
		assert_int_equal(w.server[i].is_resumed, i > 0);
		side_close(&chain[i]);
	}
	world_close(&w);
}

/* A ticket of one name is not offered to another: its certificate was never checked for that. */
static void test_no_resumption_across_names(void **state)
{
	struct world w;
	struct side first = {.on_open = say_secret, .on_bytes = close_on_bytes};
	struct side second = {
		.on_open = say_secret, .on_bytes = close_on_bytes, .on_end = side_ends_all};
	(void)state;
	world_open(&w);
	world_server_tls(&w, "server.pem", "server.key");
	world_client_tls(&w, "ca.pem", NULL);
	w.script.on_bytes = echo;
	world_listen(&w, "127.0.0.1");
	assert_int_equal(world_dial(&w, &first, "localhost", listener_port(w.listener), 5000), 0);
	uint16_t port = listener_port(w.listener);
	first.on_end = side_ends_all;
	world_run(&w);
	assert_int_equal(first.err, ERR_STOPPED);
	/* The same port again for the other name. */
	struct listen_options o = {.address = "127.0.0.1",
		.port = port,
		.fd = -1,
		.tls = w.server_tls,
		.max_conns = 4};
	assert_int_equal(listener_open(&w.listener, w.loop, &o, world_on_accept, &w), 0);
	assert_int_equal(world_dial(&w, &second, "127.0.0.1", port, 5000), 0);
	world_run(&w);
	assert_int_equal(second.err, ERR_STOPPED);
	assert_false(second.is_resumed);
	side_close(&first);
	side_close(&second);
	world_close(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_certificates),
		cmocka_unit_test(test_system_store),
		cmocka_unit_test(test_files),
		cmocka_unit_test(test_other_servers),
		cmocka_unit_test(test_odd_clients),
		cmocka_unit_test(test_other_clients),
		cmocka_unit_test(test_resumption),
		cmocka_unit_test(test_no_resumption_across_names),
	};
	return cmocka_run_group_tests(tests, certs_make, certs_remove);
}
