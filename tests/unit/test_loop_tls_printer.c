/* SPDX-License-Identifier: Apache-2.0
 * The context for printers takes what a verifying client refuses, and only that context does. */
#include "tests/kit/loop_peers.h"

#include "proto/base/err.h"

static const char *const certs[] = {"bad-self-signed", "bad-expired", "bad-early", "bad-name",
	"bad-purpose", "bad-no-chain", "bad-other-ca"};

static void say_hello(struct side *s)
{
	assert_int_equal(conn_write(s->c, "hello", 5), 0);
}

static void close_on_bytes(struct side *s, const uint8_t *bytes, size_t len)
{
	(void)bytes;
	(void)len;
	conn_close(s->c);
}

/* One client says hello to one server with that certificate; how that ends, and what came. */
static int try_it(const char *name, bool is_for_printers, size_t *heard)
{
	struct world w;
	struct side client = {.on_open = say_hello, .on_end = side_ends_all};
	char cert[64], key[64], why[LIMIT_WHY];
	(void)snprintf(cert, sizeof cert, "%s.pem", name);
	(void)snprintf(key, sizeof key, "%s.key", name);
	world_open(&w);
	world_server_tls(&w, cert, key);
	if (is_for_printers)
		assert_int_equal(tls_printer_open(&w.client_tls, why, sizeof why), 0);
	else
		world_client_tls(&w, "ca.pem", NULL);
	w.script.on_bytes = close_on_bytes;
	world_listen(&w, "127.0.0.1");
	assert_int_equal(world_dial(&w, &client, "127.0.0.1", listener_port(w.listener), 5000), 0);
	world_run(&w);
	*heard = w.server[0].in.len;
	side_close(&client);
	world_close(&w);
	return client.err;
}

static void test_any_printer_certificate_is_accepted_if_allowed(void **state)
{
	size_t heard;
	(void)state;
	for (size_t i = 0; i < sizeof certs / sizeof certs[0]; i++) {
		assert_int_equal(try_it(certs[i], true, &heard), 0);
		assert_int_equal(heard, 5);
		assert_true(try_it(certs[i], false, &heard) <= ERR_TLS);
		assert_int_equal(heard, 0);
	}
	assert_int_equal(try_it("server", false, &heard), 0);
	assert_int_equal(heard, 5);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_any_printer_certificate_is_accepted_if_allowed),
	};

	return cmocka_run_group_tests(tests, certs_make, certs_remove);
}
