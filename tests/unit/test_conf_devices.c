/* SPDX-License-Identifier: Apache-2.0
 * From targets to devices: ranges address by address, CSV row by row, mistakes with their line. */
#include "engine/conf/conf.h"
#include "engine/conf/csv.h"
#include "engine/conf/range.h"
#include "proto/base/buf.h"

#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static char folder[64];

static void write_file(const char *name, const char *bytes, size_t len)
{
	char path[128];
	(void)snprintf(path, sizeof path, "%s/%s", folder, name);
	FILE *f = fopen(path, "w");
	assert_non_null(f);
	assert_int_equal(fwrite(bytes, 1, len, f), len);
	assert_int_equal(fclose(f), 0);
}

static int make_folder(void **state)
{
	(void)state;
	(void)snprintf(folder, sizeof folder, "/tmp/platen-test-XXXXXX");
	return mkdtemp(folder) == NULL;
}

static int remove_folder(void **state)
{
	(void)state;
	char path[128];
	(void)snprintf(path, sizeof path, "%s/platen.yaml", folder);
	(void)unlink(path);
	(void)snprintf(path, sizeof path, "%s/d.csv", folder);
	(void)unlink(path);
	return rmdir(folder);
}

/* Each device as "address:port/version/community", one a line. */
struct seen {
	char text[4096];
	size_t count;
	size_t stop_at;
	const char *communities[8];
};

static int see(void *owner, const struct conf_device *d)
{
	struct seen *s = owner;
	char address[INET6_ADDRSTRLEN];
	const void *bytes = d->address.sa.sa_family == AF_INET6
				    ? (const void *)&d->address.in6.sin6_addr
				    : (const void *)&d->address.in4.sin_addr;
	unsigned port = ntohs(d->address.sa.sa_family == AF_INET6 ? d->address.in6.sin6_port
								  : d->address.in4.sin_port);
	assert_non_null(inet_ntop(d->address.sa.sa_family, bytes, address, sizeof address));
	assert_int_equal(strlen(d->community), d->community_len);
	if (s->count < 8)
		s->communities[s->count] = d->community;
	if (s->count < 40)
		(void)snprintf(s->text + strlen(s->text), sizeof s->text - strlen(s->text),
			"%s:%u/%u/%s\n", address, port, d->version, d->community);
	if (++s->count == s->stop_at)
		return ERR_FULL;
	return 0;
}

static void load(struct agent_conf *c, const char *targets)
{
	char yaml[4096], path[128];
	struct conf_error err;
	int n = snprintf(yaml, sizeof yaml, "devices:\n  targets:\n%s", targets);
	write_file("platen.yaml", yaml, (size_t)n);
	(void)snprintf(path, sizeof path, "%s/platen.yaml", folder);
	int result = agent_conf_load(c, path, &err);
	assert_string_equal(err.text, "");
	assert_int_equal(result, 0);
}

static void test_range_yields_each_address(void **state)
{
	(void)state;
	struct agent_conf c;
	struct conf_error err;
	struct seen s = {.count = 0};
	load(&c, "    - {range: 10.0.0.254-10.0.1.1, port: 1161, community: a}\n"
		 "    - {range: 10.1.4.0/29, version: 1}\n"
		 "    - {range: '2001:db8::fffe-2001:db8::1:1'}\n"
		 "    - {range: 192.0.2.7}\n"
		 "    - {range: 192.0.2.8/31}\n"
		 "    - {range: '2001:db8::4/127'}\n");
	assert_int_equal(conf_each_device(&c, see, &s, &err), 19);
	assert_string_equal(s.text,
		"10.0.0.254:1161/1/a\n10.0.0.255:1161/1/a\n10.0.1.0:1161/1/a\n10.0.1.1:1161/1/a\n"
		"10.1.4.1:161/0/public\n10.1.4.2:161/0/public\n10.1.4.3:161/0/public\n"
		"10.1.4.4:161/0/public\n10.1.4.5:161/0/public\n10.1.4.6:161/0/public\n"
		"2001:db8::fffe:161/1/public\n2001:db8::ffff:161/1/public\n"
		"2001:db8::1:0:161/1/public\n2001:db8::1:1:161/1/public\n"
		"192.0.2.7:161/1/public\n192.0.2.8:161/1/public\n192.0.2.9:161/1/public\n"
		"2001:db8::4:161/1/public\n2001:db8::5:161/1/public\n");
	agent_conf_free(&c);
}

static void test_callback_ends_the_walk_of_devices(void **state)
{
	(void)state;
	struct agent_conf c;
	struct conf_error err;
	struct seen s = {.stop_at = 3};
	load(&c, "    - range: 10.0.0.0/16\n");
	assert_int_equal(conf_each_device(&c, see, &s, &err), ERR_FULL);
	assert_int_equal(s.count, 3);
	s = (struct seen){.count = 0};
	assert_int_equal(conf_each_device(&c, see, &s, &err), 65534);
	agent_conf_free(&c);
}

#define LINK_ONLY "is of one link only: it needs its interface, as fe80::1%eth0, and comes alone"
#define GROUPS "holds addresses of groups (multicast, broadcast)"
#define TOO_MANY_V6                                                                                \
	"holds more than 131072 addresses; of IPv6 name single ones, or let multicast DNS find "   \
	"them"

static void test_bad_range_names_its_reason(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		const char *why;
	} wrong[] = {
		{"", "is not an address"},
		{"printer", "is not an address"},
		{"10.0.0", "is not an address"},
		{"10.0.0.256", "is not an address"},
		{"010.0.0.1", "is not an address"},
		{" 10.0.0.1", "is not an address"},
		{"fe80::1%no-such-link", "names an interface that is not there"},
		{"fe80::1%", "names an interface that is not there"},
		{"10.0.0.1%lo", "names an interface, which only addresses of fe80::/10 do"},
		{"2001:db8::1%lo", "names an interface, which only addresses of fe80::/10 do"},
		{"printer%lo", "is not an address"},
		{"fe80::1", LINK_ONLY},
		{"fe80::/120", LINK_ONLY},
		{"febf::1-febf::2", LINK_ONLY},
		{"224.0.0.251", GROUPS},
		{"255.255.255.255", GROUPS},
		{"223.255.255.254-224.0.0.1", GROUPS},
		{"ff02::fb", GROUPS},
		{"0000:0000:0000:0000:0000:0000:0000:0000:0000:0000", "is not an address"},
		{"x/24", "does not begin with an address"},
		{"-10.0.0.1", "does not begin with an address"},
		{"10.0.0.0/", "has a prefix length that is not 0 to 32"},
		{"10.0.0.0/33", "has a prefix length that is not 0 to 32"},
		{"10.0.0.0/ 24", "has a prefix length that is not 0 to 32"},
		{"::/129", "has a prefix length that is not 0 to 128"},
		{"0.0.0.0/0", "holds more than 131072 addresses"},
		{"10.0.0.0/14", "holds more than 131072 addresses"},
		{"::/0", TOO_MANY_V6},
		{"2001:db8::/64", TOO_MANY_V6},
		{"2001:db8::/110", TOO_MANY_V6},
		{"10.0.0.1/24", "is an address in the network 10.0.0.0/24, not a network itself"},
		{"2001:db8::1/120",
			"is an address in the network 2001:db8::/120, not a network itself"},
		{"10.0.0.1-20", "does not end with a whole address"},
		{"10.0.0.1-", "does not end with a whole address"},
		{"10.0.0.1-10.0.0.2-10.0.0.3", "does not end with a whole address"},
		{"10.0.0.2-10.0.0.1", "ends before it begins"},
		{"10.0.0.1-::1", "mixes IPv4 and IPv6"},
		{"10.0.0.0-10.2.0.0", "holds more than 131072 addresses"},
		{"0.0.0.0-255.255.255.255", "holds more than 131072 addresses"},
		{"::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", TOO_MANY_V6},
		{"1::-2::", TOO_MANY_V6},
		{"0.0.0.0", "is in 0.0.0.0/8, where no machine is"},
		{"0.0.1.0/24", "is in 0.0.0.0/8, where no machine is"},
		{"::ffff:10.1.4.0/120", "is IPv4 in IPv6's dress: write it as IPv4"},
		{"::", "is no address of a machine"},
	};
	struct conf_range r;
	char why[LIMIT_WHY];
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
		why[0] = '\0';
		assert_int_equal(conf_range_parse(&r, wrong[i].text, why, sizeof why), ERR_CONF);
		assert_string_equal(why, wrong[i].why);
	}
	assert_int_equal(conf_range_parse(&r, "10.0.0.0/15", why, sizeof why), 0);
	assert_int_equal(r.count, 131070);
	assert_int_equal(conf_range_parse(&r, "10.0.0.0-10.1.255.255", why, sizeof why), 0);
	assert_int_equal(r.count, LIMIT_CONF_RANGE);
	assert_int_equal(conf_range_parse(&r, "2001:db8::/111", why, sizeof why), 0);
	assert_int_equal(r.count, LIMIT_CONF_RANGE);
}

/* The address of a link with its interface, there and back; no other test needs one. */
static void test_link_local_address_keeps_its_interface(void **state)
{
	(void)state;
	struct conf_range r;
	struct sockaddr_in6 at;
	char why[LIMIT_WHY], host[CONF_HOST_TEXT];
	assert_int_equal(conf_range_parse(&r, "fe80::1%lo", why, sizeof why), 0);
	assert_int_equal(r.count, 1);
	conf_range_at(&r, 0, 161, &at);
	assert_int_equal(at.sin6_scope_id, if_nametoindex("lo"));
	conf_range_host(host, (const struct sockaddr *)&at);
	assert_string_equal(host, "fe80::1%lo");
	at.sin6_scope_id = UINT32_MAX; /* an interface that is gone */
	conf_range_host(host, (const struct sockaddr *)&at);
	assert_string_equal(host, "fe80::1%4294967295");
	assert_int_equal(conf_range_parse(&r, "2001:db8::7", why, sizeof why), 0);
	conf_range_at(&r, 0, 161, &at);
	assert_int_equal(at.sin6_scope_id, 0);
	conf_range_host(host, (const struct sockaddr *)&at);
	assert_string_equal(host, "2001:db8::7");
	assert_int_equal(conf_range_parse(&r, "10.1.4.7", why, sizeof why), 0);
	conf_range_at(&r, 0, 161, &at);
	conf_range_host(host, (const struct sockaddr *)&at);
	assert_string_equal(host, "10.1.4.7");
}

static int read_csv(const char *csv, size_t len, struct seen *s, struct conf_error *err)
{
	struct agent_conf c;
	*s = (struct seen){.count = 0};
	write_file("d.csv", csv, len);
	load(&c, "    - {csv: d.csv, port: 1161, community: site}\n");
	int result = conf_each_device(&c, see, s, err);
	/* Communities are interned: equal text, equal pointer, also the second time. */
	struct seen again = {.count = 0};
	if (result > 0) {
		struct conf_error none;
		assert_int_equal(conf_each_device(&c, see, &again, &none), result);
		assert_ptr_equal(again.communities[0], s->communities[0]);
	}
	agent_conf_free(&c);
	return result;
}

static void test_csv_row_becomes_a_device(void **state)
{
	(void)state;
	static const struct {
		const char *csv;
		const char *devices;
	} good[] = {
		{"address\n10.0.0.1\n10.0.0.2", "10.0.0.1:1161/1/site\n10.0.0.2:1161/1/site\n"},
		{"address\r\n10.0.0.1\r\n\r\n10.0.0.2\r\n",
			"10.0.0.1:1161/1/site\n10.0.0.2:1161/1/site\n"},
		{"\xef\xbb\xbf\"address\"\n\"10.0.0.1\"\n", "10.0.0.1:1161/1/site\n"},
		{"community,room,version,address,port\n"
		 "\"a,\"\"b\"\"\",\"2nd\nfloor\",1,10.0.0.1,162\n,,,10.0.0.2,\n"
		 "x,,2c,::1,65535\n",
			"10.0.0.1:162/0/a,\"b\"\n10.0.0.2:1161/1/site\n::1:65535/1/x\n"},
		{"address,community\n10.0.0.8/30,q\n", "10.0.0.9:1161/1/q\n10.0.0.10:1161/1/q\n"},
		{"Address;Port\n10.0.0.1;162\n", "10.0.0.1:162/1/site\n"}, /* of a spreadsheet */
		{"address\n", ""},
		{" Address ;PORT; Room\n10.0.0.1;;7;\n", "10.0.0.1:1161/1/site\n"},
		{"address,port\n10.0.0.1:162,\n[::1]:163,\n10.0.0.8/31:164,\n",
			"10.0.0.1:162/1/site\n::1:163/1/site\n10.0.0.8:164/1/site\n"
			"10.0.0.9:164/1/site\n"},
	};
	struct seen s;
	struct conf_error err;
	for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
		int n = read_csv(good[i].csv, strlen(good[i].csv), &s, &err);
		assert_string_equal(s.text, good[i].devices);
		assert_int_equal(n, s.count);
		assert_int_equal(err.count, 0);
	}
}

static void test_csv_mistake_names_its_line(void **state)
{
	(void)state;
	static const struct {
		const char *csv;
		const char *message;
	} wrong[] = {
		{"", "d.csv:1: is empty; the first row must name the columns"},
		{"\n\n", "d.csv:1: is empty; the first row must name the columns"},
		{"10.0.0.1\n",
			"d.csv:1: the first row must name the columns, one of them \"address\""},
		{"address\tport\n10.0.0.1\t161\n",
			"d.csv:1: has tabs between its cells: save it with commas or semicolons"},
		{"\xff\xfe"
		 "a",
			"d.csv:1: is UTF-16: save it as CSV UTF-8"},
		{"address,port,port\n", "d.csv:1: \"port\" is a column twice"},
		{"address,comunity\n10.0.0.1,x\n",
			"d.csv:1: column \"comunity\": did you mean \"community\"?"},
		{"Adress;port\n", "d.csv:1: column \"Adress\": did you mean \"address\"?"},
		{"address,room\n10.0.0.1,2nd floor, left\n",
			"d.csv:2: has more cells than the first row: a text with the separator in "
			"it "
			"needs quotes"},
		{"address\n10.0.0.1:0\n",
			"d.csv:2: \"address\" \"10.0.0.1:0\" has a port that is not 1 to 65535"},
		{"address\n10.0.0.1\n10.0.0.x\n",
			"d.csv:3: \"address\" \"10.0.0.x\" is not an address"},
		{"address\n,x\n", "d.csv:2: \"address\" \"\" is not an address"},
		{"address,port\n10.0.0.1,0\n", "d.csv:2: \"port\" takes 1 to 65535, not \"0\""},
		{"address,port\n10.0.0.1,x\n", "d.csv:2: \"port\" takes a whole number, not \"x\""},
		{"address,version\n10.0.0.1,3\n", "d.csv:2: \"version\" 3 needs a column "
						  "\"credential\" that names an entry of "
						  "snmp.credentials"},
		{"address,version\n10.0.0.1,2\n",
			"d.csv:2: \"version\" takes one of 1 2c 3, not \"2\""},
		{"port,address\n161\n", "d.csv:2: has fewer cells than the first row"},
		{"address\n\"10.0.0.1\n10.0.0.2\n", "d.csv:4: a quote that never ends"},
		{"address\n\"10.0.0.1\"x\n", "d.csv:2: text behind a closing quote"},
		{"address\n10.0.\"0.1\n", "d.csv:2: a quote inside a cell that is not quoted"},
		{"address\n\"a\nb\"\nx\n", "d.csv:2: \"address\" \"a\\nb\" is not an address"},
		{"address,community\n10.0.0.1,"
		 "0123456789012345678901234567890123456789012345678901234567890123456789\n",
			"d.csv:2: \"community\" takes 1 to 64 bytes of text, not 70"},
		{"address,a,b,c,d,e,f,g,h,i,j,k,l,m,n,o,p,q,r,s,t,u,v,w,x,y,z,1,2,3,4,5,6,7,8\n",
			"d.csv:1: too many columns"},
	};
	struct seen s;
	struct conf_error err;
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
		assert_int_equal(read_csv(wrong[i].csv, strlen(wrong[i].csv), &s, &err), ERR_CONF);
		assert_string_equal(err.text + strlen(folder) + 1, wrong[i].message);
	}
	static const char nul[] = "address\n10.0.0.1\0x\n";
	assert_int_equal(read_csv(nul, sizeof nul - 1, &s, &err), ERR_CONF);
	assert_string_equal(
		err.text + strlen(folder) + 1, "d.csv:2: \"address\" is too long, or holds a NUL");
}

static void test_missing_csv_file_is_named(void **state)
{
	(void)state;
	struct agent_conf c;
	struct conf_error err;
	struct seen s = {.count = 0};
	char path[128];
	write_file("d.csv", "address\n", 8);
	load(&c, "    - csv: d.csv\n");
	(void)snprintf(path, sizeof path, "%s/d.csv", folder);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(conf_each_device(&c, see, &s, &err), ERR_CONF);
	assert_string_equal(
		err.text + strlen(folder) + 1, "d.csv: cannot be read: No such file or directory");
	agent_conf_free(&c);
}

static void test_many_communities_stay_within_memory(void **state)
{
	(void)state;
	struct agent_conf c;
	struct conf_error err;
	struct seen s = {.count = 0};
	struct buf csv;
	buf_open(&csv, LIMIT_CONF_CSV_BYTES);
	assert_int_equal(buf_put_text(&csv, "address,community\n"), 0);
	for (unsigned i = 0; i < 120000; i++)
		assert_int_equal(buf_printf(&csv, "10.0.0.1,%060u\n", i), 0);
	write_file("d.csv", (char *)csv.data, csv.len);
	buf_close(&csv);
	load(&c, "    - csv: d.csv\n");
	assert_int_equal(conf_each_device(&c, see, &s, &err), ERR_CONF);
	assert_non_null(strstr(err.text, "the configuration takes too much memory"));
	assert_true(s.count >= LIMIT_DEVICES_MAX);
	agent_conf_free(&c);
}

/* By numbers, which the resolver takes without a server. */
static void test_looked_up_address_is_one_of_a_machine(void **state)
{
	(void)state;
	static const char *const refused[] = {
		"224.0.0.1", "255.255.255.255", "0.0.0.0", "ff02::1", "::ffff:10.0.0.1", NULL};
	struct conf_device d = {.name = "127.0.0.9"};
	d.address.in4 = (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons(1161)};
	assert_int_equal(conf_look_up(&d), 0);
	assert_string_equal(address_text(&d.address.sa).text, "127.0.0.9:1161");
	for (size_t i = 0; refused[i] != NULL; i++) {
		d.name = refused[i];
		assert_int_equal(conf_look_up(&d), ERR_NAME);
		assert_string_equal(address_text(&d.address.sa).text, "127.0.0.9:1161");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_range_yields_each_address),
		cmocka_unit_test(test_callback_ends_the_walk_of_devices),
		cmocka_unit_test(test_bad_range_names_its_reason),
		cmocka_unit_test(test_link_local_address_keeps_its_interface),
		cmocka_unit_test(test_csv_row_becomes_a_device),
		cmocka_unit_test(test_csv_mistake_names_its_line),
		cmocka_unit_test(test_missing_csv_file_is_named),
		cmocka_unit_test(test_many_communities_stay_within_memory),
		cmocka_unit_test(test_looked_up_address_is_one_of_a_machine),
	};
	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
