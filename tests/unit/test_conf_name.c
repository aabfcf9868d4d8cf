/* SPDX-License-Identifier: Apache-2.0
 * Printers named by DNS: which of the addresses in a DNS answer is taken. The resolver is this
 * file's. */
#include "engine/conf/conf.h"
#include "engine/conf/range.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { MANY = 5000, PORT = 1161 };

static const char *const *answer; /* the addresses, ended by NULL */

static struct addrinfo *new_entry(const char *text, uint16_t port, struct addrinfo *next)
{
	struct addrinfo *a = calloc(1, sizeof *a + sizeof(struct sockaddr_in6));
	assert_non_null(a);
	struct sockaddr_in6 in6 = {.sin6_family = AF_INET6, .sin6_port = htons(port)};
	struct sockaddr_in in4 = {.sin_family = AF_INET, .sin_port = htons(port)};
	bool is_v6 = strchr(text, ':') != NULL;
	assert_int_equal(inet_pton(is_v6 ? AF_INET6 : AF_INET, text,
				 is_v6 ? (void *)&in6.sin6_addr : (void *)&in4.sin_addr),
		1);
	a->ai_addr = (struct sockaddr *)(void *)(a + 1);
	a->ai_addrlen = is_v6 ? sizeof in6 : sizeof in4;
	memcpy(a->ai_addr, is_v6 ? (const void *)&in6 : (const void *)&in4, a->ai_addrlen);
	a->ai_next = next;
	return a;
}

int getaddrinfo(
	const char *node, const char *service, const struct addrinfo *hints, struct addrinfo **ret)
{
	size_t count = 0;
	assert_string_equal(node, "printer7.example.net");
	assert_int_equal(hints->ai_socktype, SOCK_DGRAM);
	*ret = NULL;
	while (answer[count] != NULL)
		count++;
	while (count > 0)
		*ret = new_entry(answer[--count], (uint16_t)atoi(service), *ret);
	return *ret == NULL ? EAI_NONAME : 0;
}

void freeaddrinfo(struct addrinfo *a)
{
	while (a != NULL) {
		struct addrinfo *next = a->ai_next;
		free(a);
		a = next;
	}
}

static int look_up(const char *const *texts, struct conf_device *device)
{
	answer = texts;
	*device = (struct conf_device){.name = "printer7.example.net"};
	device->address.in4.sin_family = AF_INET;
	device->address.in4.sin_port = htons(PORT);
	return conf_look_up(device);
}

static void assert_taken(const char *const *texts, const char *want)
{
	struct conf_device device;
	assert_int_equal(look_up(texts, &device), 0);
	assert_string_equal(address_text(&device.address.sa).text, want);
}

static void test_first_address_of_a_machine_is_taken(void **state)
{
	(void)state;
	assert_taken((const char *[]){"10.1.4.7", "10.1.4.8", NULL}, "10.1.4.7:1161");
	assert_taken((const char *[]){"2001:db8::7", "10.1.4.8", NULL}, "[2001:db8::7]:1161");
	assert_taken((const char *[]){"0.0.0.0", "ff02::1", "10.1.4.8", NULL}, "10.1.4.8:1161");
}

static void test_address_that_targets_may_not_name_is_not_taken(void **state)
{
	(void)state;
	static const char *const texts[] = {"224.0.0.251", "239.1.2.3", "255.255.255.255",
		"0.0.0.0", "0.1.2.3", "::", "ff02::fb", "ff0e::1", "fe80::7", "::ffff:224.0.0.1",
		"::ffff:0.0.0.0", "::ffff:10.1.4.7"};
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
		struct conf_device device;
		assert_int_equal(look_up((const char *[]){texts[i], NULL}, &device), ERR_NAME);
	}
}

static void test_name_keeps_its_address_while_the_answer_holds_it(void **state)
{
	(void)state;
	struct conf_device device;
	assert_int_equal(look_up((const char *[]){"10.1.4.7", NULL}, &device), 0);
	answer = (const char *[]){"10.1.4.8", "10.1.4.7", NULL};
	assert_int_equal(conf_look_up(&device), 0);
	assert_string_equal(address_text(&device.address.sa).text, "10.1.4.7:1161");
	answer = (const char *[]){"224.0.0.1", NULL};
	assert_int_equal(conf_look_up(&device), ERR_NAME);
	assert_string_equal(address_text(&device.address.sa).text, "10.1.4.7:1161");
}

static void test_answer_of_thousands_of_addresses_is_read_to_its_end(void **state)
{
	(void)state;
	const char *texts[MANY + 2] = {NULL};
	struct conf_device device;
	for (size_t i = 0; i < MANY; i++)
		texts[i] = "224.0.0.1";
	assert_int_equal(look_up(texts, &device), ERR_NAME);
	texts[MANY] = "10.1.4.9";
	assert_taken(texts, "10.1.4.9:1161");
	assert_int_equal(look_up((const char *[]){NULL}, &device), ERR_NAME);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_first_address_of_a_machine_is_taken),
		cmocka_unit_test(test_address_that_targets_may_not_name_is_not_taken),
		cmocka_unit_test(test_name_keeps_its_address_while_the_answer_holds_it),
		cmocka_unit_test(test_answer_of_thousands_of_addresses_is_read_to_its_end),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
