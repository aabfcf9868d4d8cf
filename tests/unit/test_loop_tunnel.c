/* SPDX-License-Identifier: Apache-2.0
 * Through an HTTP proxy: a thread with blocking sockets is the proxy, and after a 2xx the target
 * behind it as well. The target's name is verified, not the proxy's. */
#include "tests/kit/loop_peers.h"

#include "proto/base/str.h"

#include <arpa/inet.h>
#include <errno.h>
#include <openssl/ssl.h>
#include <pthread.h>
#include <sys/socket.h>

struct proxy {
	pthread_t thread;
	int fd;
	uint16_t port;
	const char *response;
	size_t byte_by_byte; /* so many bytes of it are sent one by one */
	bool is_deaf;        /* sends nothing until the client has gone */
	const char *cert;    /* of the target */
	char request[1024];
	char got[16]; /* bytes of the application */
};

static void read_request(struct proxy *p, int fd)
{
	size_t len = 0;
	while (strstr(p->request, "\r\n\r\n") == NULL && len < sizeof p->request - 1) {
		ssize_t n = read(fd, p->request + len, sizeof p->request - 1 - len);
		if (n <= 0)
			return;
		len += (size_t)n;
	}
}

static void say(struct proxy *p, int fd)
{
	const char *at = p->response;
	for (size_t i = 0; i < p->byte_by_byte && *at != '\0'; i++)
		(void)!send(fd, at++, 1, MSG_NOSIGNAL);
	(void)!send(fd, at, strlen(at), MSG_NOSIGNAL);
}

static void be_target(struct proxy *p, int fd)
{
	SSL_CTX *ctx = SSL_CTX_new(TLS_server_method());
	char cert[64], key[64];
	(void)snprintf(cert, sizeof cert, "%s.pem", p->cert);
	(void)snprintf(key, sizeof key, "%s.key", p->cert);
	if (SSL_CTX_use_certificate_chain_file(ctx, cert_path(cert)) != 1 ||
		SSL_CTX_use_PrivateKey_file(ctx, cert_path(key), SSL_FILETYPE_PEM) != 1)
		abort();
	SSL *ssl = SSL_new(ctx);
	SSL_set_fd(ssl, fd);
	if (SSL_accept(ssl) == 1 && SSL_read(ssl, p->got, sizeof p->got - 1) > 0)
		(void)SSL_shutdown(ssl);
	SSL_free(ssl);
	SSL_CTX_free(ctx);
}

static void *serve(void *arg)
{
	struct proxy *p = arg;
	char byte;
	int fd = accept(p->fd, NULL, NULL);
	read_request(p, fd);
	if (p->is_deaf)
		(void)!read(fd, &byte, 1);
	else
		say(p, fd);
	if (p->cert != NULL)
		be_target(p, fd);
	close(fd);
	return NULL;
}

static void say_secret(struct side *s)
{
	assert_int_equal(conn_write(s->c, "Password", 8), 0);
}

/* The client's error; its sentence in `why`. */
static int through(struct proxy *p, const char *user, uint64_t connect_ms, char why[LIMIT_WHY])
{
	struct world w;
	struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof a;
	struct side client = {.on_open = say_secret};
	world_open(&w);
	world_client_tls(&w, "ca.pem", NULL);
	p->fd = socket(AF_INET, SOCK_STREAM, 0);
	assert_int_equal(bind(p->fd, (struct sockaddr *)&a, sizeof a), 0);
	assert_int_equal(listen(p->fd, 1), 0);
	assert_int_equal(getsockname(p->fd, (struct sockaddr *)&a, &len), 0);
	p->port = ntohs(a.sin_port);
	assert_int_equal(pthread_create(&p->thread, NULL, serve, p), 0);
	const struct conn_proxy proxy = {
		.host = "127.0.0.1", .port = p->port, .user = user, .password = "pr0xy"};
	w.proxy = &proxy;
	assert_int_equal(world_dial(&w, &client, "localhost", 8443, connect_ms), 0);
	world_run(&w);
	assert_int_equal(pthread_join(p->thread, NULL), 0);
	assert_int_equal(close(p->fd), 0);
	(void)str_copy(why, LIMIT_WHY, client.why);
	side_close(&client);
	world_close(&w);
	return client.err;
}

static void test_tunnel_is_verified_end_to_end(void **state)
{
	(void)state;
	char why[LIMIT_WHY], named[64];
	struct proxy p = {.response = "HTTP/1.1 200 Connection established\r\nVia: x\r\n\r\n",
		.cert = "server"};
	assert_int_equal(through(&p, NULL, 5000, why), 0);
	assert_string_equal(p.got, "Password");
	assert_string_equal(
		p.request, "CONNECT localhost:8443 HTTP/1.1\r\nHost: localhost:8443\r\n\r\n");
	/* With a password, an interim response, and byte by byte. */
	p = (struct proxy){.response = "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.0 204 Fine\r\n\r\n",
		.cert = "server",
		.byte_by_byte = 100};
	assert_int_equal(through(&p, "site", 5000, why), 0);
	assert_string_equal(p.got, "Password");
	assert_non_null(strstr(p.request, "\r\nProxy-Authorization: Basic c2l0ZTpwcjB4eQ==\r\n"));
	/* A certificate that is not the target's. */
	p = (struct proxy){.response = "HTTP/1.1 200 OK\r\n\r\n", .cert = "bad-name"};
	assert_int_equal(through(&p, NULL, 5000, why), ERR_TLS_NAME);
	assert_string_equal(p.got, "");
	p = (struct proxy){.response = "HTTP/1.1 200 OK\r\n\r\n", .cert = "bad-other-ca"};
	assert_int_equal(through(&p, NULL, 5000, why), ERR_TLS_UNTRUSTED);
	assert_string_equal(p.got, "");
	(void)snprintf(named, sizeof named, "127.0.0.1:%u", p.port);
	assert_null(strstr(why, named)); /* it is not the proxy's fault */
}

static void test_refusal_of_the_proxy_is_named(void **state)
{
	(void)state;
	static char long_head[LIMIT_HTTP_HEAD + 64];
	static const struct {
		const char *response, *words;
		int err;
	} cases[] = {
		{"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n",
			"refused user or password (407): check hub.proxy_user", ERR_PROXY_LOGIN},
		{"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 3\r\n\r\nno!",
			"makes no connection to localhost:8443 (502 ", ERR_PROXY},
		{"HTTP/1.1 403 Forbidden\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
			"makes no connection to localhost:8443 (403 ", ERR_PROXY},
		{"HTTP/1.1 302 Found\r\nLocation: http://portal/\r\n\r\n",
			"makes no connection to localhost:8443 (302 ", ERR_PROXY},
		{"SSH-2.0-OpenSSH_9.2\r\n\r\n", "response to CONNECT is not HTTP", ERR_PROXY},
		{"HTTP/1.1 200\n\n\r\n\r\n", "response to CONNECT is not HTTP", ERR_PROXY},
		{long_head, "response to CONNECT is not HTTP", ERR_PROXY},
		{"HTTP/1.1 200 OK\r\n", "sent no response to CONNECT", ERR_PROXY},
		{"", "sent no response to CONNECT", ERR_PROXY}};
	char why[LIMIT_WHY], named[64];
	memset(long_head, 'x', sizeof long_head - 1);
	memcpy(long_head, "HTTP/1.1 200 OK\r\nX: ", 20);
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct proxy p = {.response = cases[i].response};
		int err = through(&p, "site", 5000, why);
		(void)snprintf(named, sizeof named, "the proxy 127.0.0.1:%u: ", p.port);
		if (err != cases[i].err || strstr(why, cases[i].words) == NULL)
			print_error("%zu: %s: %s\n", i, err_text(err), why);
		assert_int_equal(err, cases[i].err);
		assert_non_null(strstr(why, cases[i].words));
		assert_non_null(strstr(why, named));
		assert_null(strstr(why, "pr0xy"));
	}
}

static void test_silent_proxy_is_given_up(void **state)
{
	(void)state;
	char why[LIMIT_WHY];
	struct proxy p = {.is_deaf = true};
	assert_int_equal(through(&p, NULL, 50, why), ERR_TIMEOUT);
	assert_non_null(strstr(why, "no response to CONNECT in time"));
}

static void test_proxy_that_is_not_there_is_named(void **state)
{
	(void)state;
	struct world w;
	struct side client = {.on_end = NULL};
	int fd;
	world_open(&w);
	world_client_tls(&w, "ca.pem", NULL);
	const struct conn_proxy proxy = {.host = "127.0.0.1", .port = refusing_port(&fd)};
	w.proxy = &proxy;
	assert_int_equal(world_dial(&w, &client, "localhost", 8443, 5000), 0);
	world_run(&w);
	assert_int_equal(client.err, -ECONNREFUSED);
	assert_non_null(strstr(client.why, "the proxy 127.0.0.1:"));
	assert_non_null(strstr(client.why, "Connection refused"));
	side_close(&client);
	assert_int_equal(close(fd), 0);
	/* In the clear the proxy would read everything. */
	tls_close(w.client_tls);
	w.client_tls = NULL;
	assert_int_equal(world_dial(&w, &client, "localhost", 8443, 5000), -EINVAL);
	side_close(&client);
	world_close(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_tunnel_is_verified_end_to_end),
		cmocka_unit_test(test_refusal_of_the_proxy_is_named),
		cmocka_unit_test(test_silent_proxy_is_given_up),
		cmocka_unit_test(test_proxy_that_is_not_there_is_named),
	};
	return cmocka_run_group_tests(tests, certs_make, certs_remove);
}
