using SessionRecovery.Benchmarks;

if (args is ["host", var with, var database, var url])
{
    await StartedHost.RunAsync(with == "with", database, url);
    return;
}

using var scratch = new Scratch();
var rows = new List<Row>();
if (args is ["hot-requests"])
{
    rows.AddRange(await HotRequests.RunAsync());
    Print(rows);
    return;
}

if (args is ["cache"])
{
    rows.AddRange(await CachedReads.RunAsync());
    rows.AddRange(await MemoryPerUser.RunAsync());
    Print(rows);
    return;
}

if (args is ["consume"])
{
    rows.AddRange(await Consuming.RunAsync(scratch));
    rows.AddRange(await PaidRequests.RunAsync(scratch));
    Print(rows);
    return;
}

if (args is ["users"])
{
    rows.AddRange(await ManyUsers.RunAsync(scratch));
    Print(rows);
    return;
}

if (args is ["starts"])
{
    rows.AddRange(await Starts.RunAsync(scratch));
    Print(rows);
    return;
}

rows.AddRange(await CachedReads.RunAsync());
rows.AddRange(await ColdCache.RunAsync());
rows.AddRange(await MemoryPerUser.RunAsync());
rows.AddRange(await Consuming.RunAsync(scratch));
rows.AddRange(await PaidRequests.RunAsync(scratch));
rows.AddRange(await ManyUsers.RunAsync(scratch));
rows.AddRange(await Starts.RunAsync(scratch));
rows.AddRange(await HotRequests.RunAsync());
Print(rows);

// Prints the results in the format of the table rows in docs/benchmarks.md.
static void Print(IEnumerable<Row> rows)
{
    Console.WriteLine("| what | ours | peer, in the same run | ratio | target | met |");
    Console.WriteLine("|---|---|---|---|---|---|");
    foreach (var row in rows)
    {
        var met = row.IsMet switch { true => "yes", false => "**no**", null => "-" };
        Console.WriteLine($"| {row.What} | {row.Ours} | {row.Peer} | {row.Ratio} | {row.Target} | {met} |");
    }
}
