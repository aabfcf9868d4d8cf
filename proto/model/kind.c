/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/model/kind.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

/* Words of a sysDescr, the first that fits decides: whole words, in any case. */
static const struct kind_word {
	const char *word;
	enum device_kind kind;
} words[] = {
	{"camera", KIND_CAMERA},
	{"network video", KIND_CAMERA},
	{"phone", KIND_PHONE},
	{"sip", KIND_PHONE},
	{"voip", KIND_PHONE},
	{"ups", KIND_POWER},
	{"pdu", KIND_POWER},
	{"rpdu", KIND_POWER},
	{"cdu", KIND_POWER},
	{"uninterruptible", KIND_POWER},
	{"powerware", KIND_POWER},
	{"poweralert", KIND_POWER},
	{"power distribution", KIND_POWER},
	{"nas", KIND_STORAGE},
	{"storage", KIND_STORAGE},
	{"truenas", KIND_STORAGE},
	{"terastation", KIND_STORAGE},
	{"tape library", KIND_STORAGE},
	{"switch", KIND_NETWORK},
	{"router", KIND_NETWORK},
	{"routeros", KIND_NETWORK},
	{"firewall", KIND_NETWORK},
	{"access point", KIND_NETWORK},
	{"wireless", KIND_NETWORK},
	{"wlan", KIND_NETWORK},
	{"load balancer", KIND_NETWORK},
	{"gateway", KIND_NETWORK},
	{"ios", KIND_NETWORK},
	{"junos", KIND_NETWORK},
	{"arubaos", KIND_NETWORK},
	{"poe", KIND_NETWORK},
	{"windows", KIND_COMPUTER},
	{"integrated lights-out", KIND_COMPUTER},
	{"vmware", KIND_COMPUTER},
};

/* IANA enterprise numbers whose devices are of one kind, mostly. */
static const struct kind_enterprise {
	uint32_t number;
	enum device_kind kind;
} enterprises[] = {
	{9, KIND_NETWORK},     /* Cisco */
	{43, KIND_NETWORK},    /* 3Com */
	{171, KIND_NETWORK},   /* D-Link */
	{207, KIND_NETWORK},   /* Allied Telesis */
	{232, KIND_COMPUTER},  /* Compaq, HPE servers */
	{259, KIND_NETWORK},   /* Accton */
	{311, KIND_COMPUTER},  /* Microsoft */
	{318, KIND_POWER},     /* APC */
	{368, KIND_CAMERA},    /* Axis */
	{476, KIND_POWER},     /* Liebert */
	{534, KIND_POWER},     /* Eaton */
	{674, KIND_NETWORK},   /* Dell: its printers have the Printer-MIB */
	{705, KIND_POWER},     /* MGE */
	{850, KIND_POWER},     /* Tripp Lite */
	{890, KIND_NETWORK},   /* Zyxel */
	{1718, KIND_POWER},    /* Server Technology */
	{1916, KIND_NETWORK},  /* Extreme */
	{2011, KIND_NETWORK},  /* Huawei */
	{2254, KIND_POWER},    /* Delta */
	{2356, KIND_NETWORK},  /* LANCOM */
	{2468, KIND_POWER},    /* Raritan, power */
	{2620, KIND_NETWORK},  /* Check Point */
	{2636, KIND_NETWORK},  /* Juniper */
	{3375, KIND_NETWORK},  /* F5 */
	{3808, KIND_POWER},    /* CyberPower */
	{4413, KIND_NETWORK},  /* Broadcom */
	{6027, KIND_NETWORK},  /* Force10 */
	{6486, KIND_NETWORK},  /* Alcatel-Lucent Enterprise */
	{6527, KIND_NETWORK},  /* Nokia */
	{6574, KIND_STORAGE},  /* Synology */
	{6876, KIND_COMPUTER}, /* VMware */
	{7526, KIND_PHONE},    /* snom */
	{8072, KIND_COMPUTER}, /* net-snmp */
	{8741, KIND_NETWORK},  /* SonicWall */
	{11863, KIND_NETWORK}, /* TP-Link */
	{12356, KIND_NETWORK}, /* Fortinet */
	{13742, KIND_POWER},   /* Raritan */
	{14823, KIND_NETWORK}, /* Aruba */
	{14988, KIND_NETWORK}, /* MikroTik */
	{17713, KIND_NETWORK}, /* Cambium */
	{24681, KIND_STORAGE}, /* QNAP */
	{25053, KIND_NETWORK}, /* Ruckus */
	{25461, KIND_NETWORK}, /* Palo Alto */
	{25506, KIND_NETWORK}, /* H3C */
	{26928, KIND_NETWORK}, /* Aerohive */
	{28507, KIND_POWER},   /* Gude */
	{30065, KIND_NETWORK}, /* Arista */
	{41112, KIND_NETWORK}, /* Ubiquiti */
	{47196, KIND_NETWORK}, /* Aruba CX */
	{50536, KIND_STORAGE}, /* iXsystems */
};

static bool is_word_char(char c)
{
	return isalnum((unsigned char)c) != 0;
}

static bool has_word(struct text t, const char *word)
{
	size_t len = strlen(word);
	for (size_t i = 0; i + len <= t.len; i++) {
		bool begins = i == 0 || !is_word_char(t.p[i - 1]);
		bool ends = i + len == t.len || !is_word_char(t.p[i + len]);
		if (begins && ends && strncasecmp(t.p + i, word, len) == 0)
			return true;
	}
	return false;
}

bool device_is_named_as_printer(struct text sys_descr)
{
	static const char *const named[] = {"print server", "printserver", "label printer",
		"network scanner", "image scanner", "document scanner", "scan station"};
	static const char *const systems[] = {
		"Linux ", "FreeBSD ", "Darwin ", "SunOS ", "AIX ", "HP-UX ", "Hardware: "};
	for (size_t i = 0; i < sizeof systems / sizeof systems[0]; i++) {
		size_t len = strlen(systems[i]);
		if (sys_descr.len >= len && memcmp(sys_descr.p, systems[i], len) == 0)
			return false;
	}
	for (size_t i = 0; i < sizeof named / sizeof named[0]; i++) {
		if (has_word(sys_descr, named[i]))
			return true;
	}
	return false;
}

/* The enterprise number of a dotted sysObjectID; 0: it is not below 1.3.6.1.4.1. */
static uint32_t enterprise_of(struct text object)
{
	static const char prefix[] = "1.3.6.1.4.1.";
	uint32_t number = 0;
	size_t i = sizeof prefix - 1;
	if (object.len <= i || memcmp(object.p, prefix, i) != 0)
		return 0;
	for (; i < object.len && isdigit((unsigned char)object.p[i]); i++)
		number = number * 10 + (uint32_t)(object.p[i] - '0');
	return number;
}

enum device_kind device_kind_of(const struct identity *id)
{
	uint32_t enterprise = enterprise_of(id->sys_object_id);
	if (id->why == WHY_ONLY_HOST_ROWS)
		return KIND_QUEUES;
	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
		if (has_word(id->sys_descr, words[i].word))
			return words[i].kind;
	}
	for (size_t i = 0; i < sizeof enterprises / sizeof enterprises[0]; i++) {
		if (enterprises[i].number == enterprise)
			return enterprises[i].kind;
	}
	return has_word(id->sys_descr, "linux") ? KIND_COMPUTER : KIND_OTHER;
}

const char *device_kind_name(unsigned kind)
{
	static const char *const names[KIND_COUNT] = {[KIND_OTHER] = "other",
		[KIND_QUEUES] = "print-queues",
		[KIND_COMPUTER] = "computer",
		[KIND_NETWORK] = "network",
		[KIND_STORAGE] = "storage",
		[KIND_POWER] = "power",
		[KIND_PHONE] = "phone",
		[KIND_CAMERA] = "camera"};
	return kind < KIND_COUNT ? names[kind] : names[KIND_OTHER];
}
