/*
 * A server and a client of Snap7, to record how a real library speaks S7comm.
 *
 * usage: snap7 server ADDRESS | snap7 client ADDRESS
 *
 * The server shares two data blocks, flags, inputs, outputs, timers and counters, and runs until it is ended. The client says every
 * function that Snap7 has: single and many variables, lists, blocks, the clock, start and stop, the password; some of
 * which the server refuses.
 */
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <unistd.h>

#include "snap7_libmain.h"

enum { SIZE = 64, DB_ONE = 1, DB_TWO = 7 };

static int serve(const char *address)
{
	static unsigned char one[SIZE], two[SIZE * 10], flags[SIZE], inputs[SIZE], outputs[SIZE];
	static word timers[SIZE], counters[SIZE];
	S7Object server = Srv_Create();

	for (int i = 0; i < SIZE; i++)
		one[i] = inputs[i] = (unsigned char)(3 * i);
	Srv_RegisterArea(server, srvAreaDB, DB_ONE, one, sizeof one);
	Srv_RegisterArea(server, srvAreaDB, DB_TWO, two, sizeof two);
	Srv_RegisterArea(server, srvAreaMK, 0, flags, sizeof flags);
	Srv_RegisterArea(server, srvAreaPE, 0, inputs, sizeof inputs);
	Srv_RegisterArea(server, srvAreaPA, 0, outputs, sizeof outputs);
	Srv_RegisterArea(server, srvAreaTM, 0, timers, sizeof timers);
	Srv_RegisterArea(server, srvAreaCT, 0, counters, sizeof counters);
	if (Srv_StartTo(server, address) != 0)
		return EXIT_FAILURE;
	for (;;)
		pause();
}

/* What the server refuses is no failure: it is recorded, too. */
static void tell(const char *what, int result)
{
	char text[256] = "done";
	if (result)
		Cli_ErrorText(result, text, sizeof text);
	printf("%s: %s\n", what, text);
}

static void variables(S7Object c)
{
	static unsigned char bytes[1024];
	float number = 42.5f;
	TS7DataItem items[4] = {
		{ S7AreaDB, S7WLByte, 0, DB_ONE, 0, 8, bytes },
		{ S7AreaMK, S7WLByte, 0, 0, 4, 2, bytes + 16 },
		{ S7AreaDB, S7WLReal, 0, DB_TWO, 8, 1, &number },
		{ S7AreaDB, S7WLByte, 0, 999, 0, 1, bytes + 32 },
	};

	tell("DBRead", Cli_DBRead(c, DB_ONE, 0, 32, bytes));
	tell("DBRead in pieces", Cli_DBRead(c, DB_TWO, 0, SIZE * 10, bytes));
	tell("DBWrite", Cli_DBWrite(c, DB_TWO, 16, 8, bytes));
	tell("ReadArea bit", Cli_ReadArea(c, S7AreaMK, 0, 13, 1, S7WLBit, bytes));
	tell("WriteArea bit", Cli_WriteArea(c, S7AreaPA, 0, 9, 1, S7WLBit, bytes));
	tell("EBRead", Cli_EBRead(c, 0, 4, bytes));
	tell("ABWrite", Cli_ABWrite(c, 0, 4, bytes));
	tell("MBRead", Cli_MBRead(c, 2, 6, bytes));
	tell("TMRead", Cli_TMRead(c, 1, 2, bytes));
	tell("CTWrite", Cli_CTWrite(c, 1, 2, bytes));
	tell("ReadMultiVars", Cli_ReadMultiVars(c, items, 4));
	tell("WriteMultiVars", Cli_WriteMultiVars(c, items, 4));
	tell("DBRead of none", Cli_DBRead(c, 4000, 0, 4, bytes));
	tell("DBRead behind the end", Cli_DBRead(c, DB_ONE, 60, 32, bytes));
}

static void about(S7Object c)
{
	static TS7SZL list;
	static TS7SZLList lists;
	static TS7BlocksOfType blocks;
	TS7OrderCode order;
	TS7CpuInfo cpu;
	TS7CpInfo cp;
	TS7Protection protection;
	TS7BlocksList counts;
	TS7BlockInfo block;
	int size = sizeof list, n = sizeof lists / 2, status = 0;

	tell("GetOrderCode", Cli_GetOrderCode(c, &order));
	tell("GetCpuInfo", Cli_GetCpuInfo(c, &cpu));
	tell("GetCpInfo", Cli_GetCpInfo(c, &cp));
	tell("GetProtection", Cli_GetProtection(c, &protection));
	tell("GetPlcStatus", Cli_GetPlcStatus(c, status));
	tell("ReadSZL", Cli_ReadSZL(c, 0x0132, 4, &list, size));
	size = sizeof list;
	tell("ReadSZL of none", Cli_ReadSZL(c, 0x0bad, 0, &list, size));
	tell("ReadSZLList", Cli_ReadSZLList(c, &lists, n));
	tell("ListBlocks", Cli_ListBlocks(c, &counts));
	n = sizeof blocks / 2;
	tell("ListBlocksOfType", Cli_ListBlocksOfType(c, Block_DB, &blocks, n));
	tell("GetAgBlockInfo", Cli_GetAgBlockInfo(c, Block_DB, DB_ONE, &block));
	tell("GetAgBlockInfo of none", Cli_GetAgBlockInfo(c, Block_OB, 77, &block));
}

static void programs(S7Object c)
{
	static unsigned char bytes[4096];
	char password[] = "snap7pw";
	int size = sizeof bytes;
	tm when = {};

	tell("FullUpload", Cli_FullUpload(c, Block_DB, DB_ONE, bytes, size));
	size = sizeof bytes;
	tell("Upload of none", Cli_Upload(c, Block_OB, 1, bytes, size));
	tell("Delete", Cli_Delete(c, Block_DB, DB_TWO));
	tell("GetPlcDateTime", Cli_GetPlcDateTime(c, when));
	when.tm_year = 124;
	when.tm_mon = 4;
	when.tm_mday = 13;
	tell("SetPlcDateTime", Cli_SetPlcDateTime(c, &when));
	tell("SetSessionPassword", Cli_SetSessionPassword(c, password));
	tell("ClearSessionPassword", Cli_ClearSessionPassword(c));
	tell("Compress", Cli_Compress(c, 1000));
	tell("CopyRamToRom", Cli_CopyRamToRom(c, 1000));
	tell("PlcStop", Cli_PlcStop(c));
	tell("PlcHotStart", Cli_PlcHotStart(c));
	tell("PlcStop again", Cli_PlcStop(c));
	tell("PlcColdStart", Cli_PlcColdStart(c));
}

static int ask(const char *address)
{
	S7Object c = Cli_Create();

	if (Cli_ConnectTo(c, address, 0, 2) != 0)
		return EXIT_FAILURE;
	variables(c);
	about(c);
	programs(c);
	Cli_Disconnect(c);
	Cli_Destroy(c);
	return EXIT_SUCCESS;
}

int main(int argc, char **argv)
{
	if (argc == 3 && strcmp(argv[1], "server") == 0)
		return serve(argv[2]);
	if (argc == 3 && strcmp(argv[1], "client") == 0)
		return ask(argv[2]);
	fprintf(stderr, "usage: snap7 server|client ADDRESS\n");
	return 2;
}
