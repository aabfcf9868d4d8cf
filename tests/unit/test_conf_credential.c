/* SPDX-License-Identifier: Apache-2.0
 * snmp.credentials and who names them: good ones give the values they say, each mistake has one
 * message, with its line and the way out; and what fips: on refuses. */
#include "engine/conf/conf.h"
#include "engine/conf/table.h"
#include "proto/smi/security.h"
#include "proto/smi/request.h"

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

static const char *const names[] = {
	"auth", "priv", "short", "open", "community", "platen.yaml", "d.csv"};

static void write_file(const char *name, const char *text, mode_t mode)
{
	char path[128];
	(void)snprintf(path, sizeof path, "%s/%s", folder, name);
	(void)unlink(path);
	FILE *f = fopen(path, "w");
	assert_non_null(f);
	assert_int_equal(fwrite(text, 1, strlen(text), f), strlen(text));
	assert_int_equal(fclose(f), 0);
	assert_int_equal(chmod(path, mode), 0);
}

static int make_folder(void **state)
{
	(void)state;
	(void)snprintf(folder, sizeof folder, "/tmp/platen-test-XXXXXX");
	assert_non_null(mkdtemp(folder));
	write_file("auth", "maplesyrup\n", 0600);
	write_file("priv", "12345678\n", 0600);
	write_file("short", "1234567\n", 0600);
	write_file("open", "maplesyrup\n", 0644);
	write_file("community", "inside\n", 0600);
	return 0;
}

static int remove_folder(void **state)
{
	(void)state;
	char path[128];
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		(void)snprintf(path, sizeof path, "%s/%s", folder, names[i]);
		(void)unlink(path);
	}
	return rmdir(folder);
}

static int load(struct agent_conf *c, const char *yaml, struct conf_error *err)
{
	char path[128];
	write_file("platen.yaml", yaml, 0644);
	(void)snprintf(path, sizeof path, "%s/platen.yaml", folder);
	return agent_conf_load(c, path, err);
}

/* The messages, without the folder, which is made anew each time. */
static const char *messages(const struct conf_error *err)
{
	static char got[LIMIT_CONF_ERROR];
	size_t n = 0, len = strlen(folder);
	for (const char *p = err->text; *p != '\0' && n + 1 < sizeof got;) {
		if (strncmp(p, folder, len) == 0)
			p += len + 1;
		else
			got[n++] = *p++;
	}
	got[n] = '\0';
	return got;
}

/* Credentials "a" of version 2c and "b" of version 3 on lines 3 and 4. */
#define TWO                                                                                        \
	"snmp:\n  credentials:\n"                                                                  \
	"    - {name: a, community: secret}\n"                                                     \
	"    - {name: beta, version: 3, user: reader, auth: sha256, auth_password_file: auth,"     \
	" priv: aes256c, priv_password_file: priv, context: ctx,"                                  \
	" subnets: '10.0.0.0/8, ::1'}\n"

static void test_credentials_keep_their_order(void **state)
{
	(void)state;
	struct agent_conf c;
	struct conf_error err;
	int result = load(&c, TWO "    - {name: c, version: 1, community_file: community}\n", &err);
	assert_string_equal(err.text, "");
	assert_int_equal(result, 0);
	assert_int_equal(c.credential_count, 3);
	const struct conf_credential *a = c.credentials;
	const struct conf_credential *b = agent_conf_credential(&c, "beta");
	const struct conf_credential *d = agent_conf_credential(&c, "c");
	assert_int_equal(a->number, 0);
	assert_int_equal(a->version, SNMP_V2C);
	assert_string_equal(a->community, "secret");
	assert_int_equal(a->community_len, 6);
	assert_null(a->subnets);
	assert_int_equal(b->number, 1);
	assert_int_equal(b->version, SNMP_V3);
	assert_string_equal(b->user, "reader");
	assert_int_equal(b->auth, USM_AUTH_SHA256);
	assert_int_equal(b->priv, USM_PRIV_AES256_CISCO);
	assert_string_equal(b->auth_password.bytes, "maplesyrup");
	assert_int_equal(b->auth_password.len, 10);
	assert_string_equal(b->priv_password.bytes, "12345678");
	assert_string_equal(b->context, "ctx");
	assert_int_equal(b->subnets->count, 2);
	struct sockaddr_in in = {.sin_family = AF_INET, .sin_addr = {htonl(0x0a000001)}};
	assert_true(conf_credential_fits(b, (struct sockaddr *)&in));
	in.sin_addr.s_addr = htonl(0x0b000001);
	assert_false(conf_credential_fits(b, (struct sockaddr *)&in));
	assert_true(conf_credential_fits(a, (struct sockaddr *)&in));
	assert_int_equal(d->version, SNMP_V1);
	assert_string_equal(d->community, "inside");
	assert_null(agent_conf_credential(&c, "unknown"));
	agent_conf_free(&c);
}

struct wrong {
	const char *yaml, *message;
};

static void all_are_refused(const struct wrong *wrong, size_t count)
{
	unsigned bad = 0;
	for (size_t i = 0; i < count; i++) {
		struct agent_conf c;
		struct conf_error err;
		assert_int_equal(load(&c, wrong[i].yaml, &err), ERR_CONF);
		if (strcmp(messages(&err), wrong[i].message) == 0)
			continue;
		print_error("%s-- gave\n%s\n-- and not\n%s\n", wrong[i].yaml, messages(&err),
			wrong[i].message);
		bad++;
	}
	assert_int_equal(bad, 0);
}

#define HEAD "snmp:\n  credentials:\n    - "
#define AT3 "platen.yaml:3:7: "

static void test_credential_mistake_names_line_and_remedy(void **state)
{
	(void)state;
	static const struct wrong wrong[] = {
		{HEAD "{version: 1, community: c}\n",
			AT3 "an entry of \"snmp.credentials\" needs \"name\""},
		{HEAD "{name: a}\n", AT3 "credential \"a\": version 2c needs \"community\" or "
					 "\"community_file\""},
		{HEAD "{name: a, user: u}\n",
			AT3 "credential \"a\": \"user\" is of no use with version 2c; write "
			    "\"version: 3\""},
		{HEAD "{name: a, community: c, auth: sha1, auth_password_file: auth}\n",
			AT3 "credential \"a\": \"auth\" is of no use with version 2c; write "
			    "\"version: 3\""},
		{HEAD "{name: a, community: c, community_file: community}\n",
			AT3 "credential \"a\" has either \"community\" or \"community_file\", not "
			    "both"},
		{HEAD "{name: a, version: 3}\n", AT3 "credential \"a\": version 3 needs \"user\""},
		{HEAD "{name: a, version: 3, user: u, community: c}\n",
			AT3 "credential \"a\": \"community\" is of no use with version 3, which "
			    "has \"user\""},
		{HEAD "{name: a, version: 3, user: u, priv: aes128, priv_password_file: priv}\n",
			AT3 "credential \"a\": \"priv\" needs \"auth\": SNMPv3 encrypts nothing "
			    "that it does not authenticate"},
		{HEAD "{name: a, version: 3, user: u, auth: sha256}\n",
			AT3 "credential \"a\": \"auth\" needs \"auth_password_file\""},
		{HEAD "{name: a, version: 3, user: u, auth_password_file: auth}\n",
			AT3 "credential \"a\": \"auth_password_file\" is of no use without "
			    "\"auth\""},
		{HEAD "{name: a, version: 3, user: u, auth: md5, auth_password_file: short}\n",
			AT3 "\"auth_password_file\": short holds less than 8 bytes; RFC 3414 asks "
			    "for that many"},
		{HEAD "{name: a, version: 3, user: u, auth: sha, auth_password_file: auth}\n",
			"platen.yaml:3:44: \"auth\" takes one of none md5 sha1 sha224 sha256 "
			"sha384 sha512, not \"sha\"; did you mean \"sha1\"?"},
		{HEAD "{name: a, version: 3, user: u, auth: sha1, auth_password_file: auth, priv: "
		      "aes-128, priv_password_file: priv}\n",
			"platen.yaml:3:82: \"priv\" takes one of none des aes128 aes192 aes256 "
			"aes192c aes256c, not \"aes-128\"; did you mean \"aes128\"?"},
		{HEAD "{name: a, community: c}\n    - {name: a, community: d}\n",
			"platen.yaml:4:7: credential \"a\" is there twice, first on line 3"},
		{HEAD "{name: a, community: c, subnets: 10.1.0.0/8}\n",
			"platen.yaml:3:40: \"subnets\": \"10.1.0.0/8\" is an address in the "
			"network 10.0.0.0/8, not a network itself"},
		{"access: {deny: all}\n",
			"platen.yaml:1:16: \"access.deny\": \"all\" is not an address or a "
			"network"},
		{"discovery: {targets: [{port: 161}]}\n",
			"platen.yaml:1:23: an entry of \"discovery.targets\" needs \"range\""},
		{"discovery: {interval: 1s, targets: [{range: 10.0.0.0/24}]}\n",
			"platen.yaml:1:23: \"discovery.interval\" takes 0, or at least 1m: a scan "
			"is felt by the network"},
		{"discovery: {interval: 1h}\n",
			"platen.yaml:1:23: \"discovery.interval\" is of no use without "
			"\"discovery.targets\""},
	};
	all_are_refused(wrong, sizeof wrong / sizeof wrong[0]);
}

static void test_passphrase_below_16_bytes_is_weak(void **state)
{
	(void)state;
	struct conf_credential c = {.version = SNMP_V3};
	assert_false(conf_credential_is_weak(&c)); /* it has none */
	c.auth_password.len = LIMIT_PASSPHRASE_GOOD;
	c.priv_password.len = LIMIT_PASSPHRASE_GOOD;
	assert_false(conf_credential_is_weak(&c));
	c.priv_password.len = LIMIT_PASSPHRASE_GOOD - 1;
	assert_true(conf_credential_is_weak(&c));
	c.version = SNMP_V2C;
	assert_false(conf_credential_is_weak(&c));
}

static void test_passphrase_file_readable_by_others_is_refused(void **state)
{
	(void)state;
	struct agent_conf c;
	struct conf_error err;
	assert_int_equal(load(&c,
				 HEAD "{name: a, version: 3, user: u, auth: sha1, "
				      "auth_password_file: open}\n",
				 &err),
		ERR_CONF);
	assert_non_null(strstr(messages(&err), AT3 "\"auth_password_file\": open "));
	assert_null(strstr(err.text, "maplesyrup"));
}

static void test_target_uses_its_credential(void **state)
{
	(void)state;
	static const struct wrong wrong[] = {
		{TWO "devices:\n  targets:\n    - {range: 10.0.0.1, credential: bata}\n",
			"platen.yaml:7:7: \"credential\" names no entry of \"snmp.credentials\": "
			"\"bata\"; did you mean \"beta\"?"},
		{"devices:\n  targets:\n    - {range: 10.0.0.1, credential: x}\n",
			AT3 "\"credential\" names no entry of \"snmp.credentials\": \"x\"; there "
			    "is none"},
		{TWO "devices:\n  targets:\n    - {range: 10.0.0.1, credential: a, community: "
		     "c}\n",
			"platen.yaml:7:7: an entry has either \"credential\" or \"community\", "
			"not both"},
		{TWO "devices:\n  targets:\n    - {range: 10.0.0.1, credential: beta, version: "
		     "1}\n",
			"platen.yaml:7:7: \"version\" is 1 here and 3 in credential \"beta\"; "
			"leave it out here"},
	};
	all_are_refused(wrong, sizeof wrong / sizeof wrong[0]);
}

/* "address version credential community", one a line. */
static int see(void *owner, const struct conf_device *d)
{
	char *text = owner, address[INET_ADDRSTRLEN];
	assert_non_null(inet_ntop(AF_INET, &d->address.in4.sin_addr, address, sizeof address));
	assert_true((d->version == SNMP_V3) == (d->community_len == 0));
	(void)snprintf(text + strlen(text), 1024 - strlen(text), "%s %u %s %s\n", address,
		d->version, d->credential != NULL ? d->credential->name : "-",
		d->version == SNMP_V3 ? "-" : d->community);
	return 0;
}

static void test_device_gets_credential_of_target_or_row(void **state)
{
	(void)state;
	struct agent_conf c;
	struct conf_error err;
	char text[1024] = "";
	write_file("d.csv",
		"address,credential,community,version\n"
		"10.0.1.1,a,,\n10.0.1.2,,,\n10.0.1.3,,own,\n10.0.1.4,,own,1\n",
		0644);
	int result = load(&c,
		TWO "devices:\n  targets:\n"
		    "    - {range: 10.0.0.1, credential: beta, version: 3}\n"
		    "    - {range: 10.0.0.2, credential: a}\n"
		    "    - {range: 10.0.0.3}\n"
		    "    - {csv: d.csv, credential: beta}\n",
		&err);
	assert_string_equal(err.text, "");
	assert_int_equal(result, 0);
	assert_int_equal(conf_each_device(&c, see, text, &err), 7);
	assert_string_equal(text, "10.0.0.1 3 beta -\n10.0.0.2 1 a secret\n10.0.0.3 1 - public\n"
				  "10.0.1.1 1 a secret\n10.0.1.2 3 beta -\n10.0.1.3 1 - own\n"
				  "10.0.1.4 0 - own\n");
	agent_conf_free(&c);
}

static void test_csv_mistake_names_its_line(void **state)
{
	(void)state;
	static const struct {
		const char *csv, *fips, *message;
	} wrong[] = {
		{"address,credential\n10.0.0.1,batta\n", "off",
			"d.csv:2: \"credential\" names no entry of snmp.credentials: \"batta\"; "
			"did you mean \"beta\"?"},
		{"address,credential,community\n10.0.0.1,beta,x\n", "off",
			"d.csv:2: \"credential\" stands beside a community or a version; it takes "
			"the place of both"},
		{"address,version\n10.0.0.1,1\n", "off",
			"d.csv:2: \"version\" is of no use here: the target's credential says it"},
		{"address,community\n10.0.0.1,\n10.0.0.2,x\n", "on",
			"d.csv:3: \"fips: on\" refuses this row: SNMPv1 and SNMPv2c have no "
			"authentication; use a credential with version 3, auth sha256 and priv "
			"aes128"},
	};
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
		struct agent_conf c;
		struct conf_error err;
		char yaml[1024], text[1024] = "";
		write_file("d.csv", wrong[i].csv, 0644);
		(void)snprintf(yaml, sizeof yaml,
			"fips: %s\nsnmp:\n  credentials:\n    - {name: beta, version: 3, user: u, "
			"auth: sha1, auth_password_file: auth}\n"
			"devices:\n  targets:\n    - {csv: d.csv, credential: beta}\n",
			wrong[i].fips);
		assert_int_equal(load(&c, yaml, &err), 0);
		assert_int_equal(conf_each_device(&c, see, text, &err), ERR_CONF);
		assert_string_equal(messages(&err), wrong[i].message);
		agent_conf_free(&c);
	}
}

#define FIPS "fips: on\nsnmp:\n  credentials:\n    - "
#define AT4 "platen.yaml:4:7: \"fips: on\" refuses credential \"a\": "
#define UNAUTHENTICATED                                                                            \
	"SNMPv1 and SNMPv2c have no authentication; use a credential with version 3, auth sha256 " \
	"and priv aes128"

static void test_fips_refuses_unapproved_algorithms(void **state)
{
	(void)state;
	static const struct wrong wrong[] = {
		{FIPS "{name: a, community: c}\n", AT4 UNAUTHENTICATED},
		{FIPS "{name: a, version: 1, community: c}\n", AT4 UNAUTHENTICATED},
		{FIPS "{name: a, version: 3, user: u}\n",
			AT4 "it does not authenticate; give it auth sha256 and priv aes128"},
		{FIPS "{name: a, version: 3, user: u, auth: md5, auth_password_file: auth}\n",
			AT4 "auth md5 is not approved; use sha256"},
		{FIPS "{name: a, version: 3, user: u, auth: sha1, auth_password_file: auth, priv: "
		      "des, priv_password_file: priv}\n",
			AT4 "priv des is not approved; use aes128"},
		{"fips: on\ndiscovery:\n  targets:\n    - {range: 10.0.0.0/24, v1: on}\n",
			"platen.yaml:4:7: \"fips: on\" refuses \"v1: on\" of discovery target "
			"\"10.0.0.0/24\""},
		{"fips: on\ndevices:\n  targets:\n    - {range: 10.0.0.0/24}\n",
			"platen.yaml:4:7: \"fips: on\" refuses target "
			"\"10.0.0.0/24\": " UNAUTHENTICATED},
	};
	all_are_refused(wrong, sizeof wrong / sizeof wrong[0]);
	struct agent_conf c;
	struct conf_error err;
	int result = load(&c,
		FIPS "{name: a, version: 3, user: u, auth: sha512, auth_password_file: auth, "
		     "priv: aes128, priv_password_file: priv}\n"
		     "    - {name: b, version: 3, user: u, auth: sha1, auth_password_file: auth}\n"
		     "devices:\n  targets:\n    - {range: 10.0.0.1, credential: b}\n",
		&err);
	assert_string_equal(err.text, "");
	assert_int_equal(result, 0);
	assert_true(c.is_fips);
	agent_conf_free(&c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_credentials_keep_their_order),
		cmocka_unit_test(test_credential_mistake_names_line_and_remedy),
		cmocka_unit_test(test_passphrase_below_16_bytes_is_weak),
		cmocka_unit_test(test_passphrase_file_readable_by_others_is_refused),
		cmocka_unit_test(test_target_uses_its_credential),
		cmocka_unit_test(test_device_gets_credential_of_target_or_row),
		cmocka_unit_test(test_csv_mistake_names_its_line),
		cmocka_unit_test(test_fips_refuses_unapproved_algorithms),
	};
	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
