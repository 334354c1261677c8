/* ntlm_windows.c - Windows by build number, see ntlm_windows.h. Client and server of a generation share their builds: both are named. */
#include "ntlm_windows.h"

struct build {
	uint16_t from, to;
	const char *name;
};

static const struct build builds[] = {
	{ 2195, 2195, "Windows 2000" },
	{ 2600, 2600, "Windows XP" },
	{ 3790, 3790, "Windows Server 2003 or XP x64" },
	{ 6000, 6000, "Windows Vista" },
	{ 6001, 6003, "Windows Vista or Server 2008" },
	{ 7600, 7601, "Windows 7 or Server 2008 R2" },
	{ 9200, 9200, "Windows 8 or Server 2012" },
	{ 9600, 9600, "Windows 8.1 or Server 2012 R2" },
	{ 10240, 10240, "Windows 10 1507" },
	{ 10586, 10586, "Windows 10 1511" },
	{ 14393, 14393, "Windows 10 1607 or Server 2016" },
	{ 15063, 15063, "Windows 10 1703" },
	{ 16299, 16299, "Windows 10 1709 or Server 1709" },
	{ 17134, 17134, "Windows 10 1803 or Server 1803" },
	{ 17763, 17763, "Windows 10 1809 or Server 2019" },
	{ 18362, 18363, "Windows 10 1903 or 1909, or Server 1903 or 1909" },
	{ 19041, 19045, "Windows 10 2004 to 22H2, or Server 2004 or 20H2" },
	{ 20348, 20348, "Windows Server 2022" },
	{ 22000, 22000, "Windows 11 21H2" },
	{ 22621, 22631, "Windows 11 22H2 or 23H2" },
	{ 25398, 25398, "Windows Server 23H2" },
	{ 26100, 26200, "Windows 11 24H2 or 25H2, or Server 2025" },
};

const char *ntlm_windows(uint8_t major, uint8_t minor, uint16_t build)
{
	bool known = (major == 5 && minor <= 2) || (major == 6 && minor <= 3) || (major == 10 && minor == 0);

	for (uint32_t i = 0; known && i < sizeof builds / sizeof *builds; i++) {
		if (build >= builds[i].from && build <= builds[i].to)
			return builds[i].name;
	}
	return known && major == 10 && build ? "Windows 10/11 or Server 2016+" : NULL;
}
