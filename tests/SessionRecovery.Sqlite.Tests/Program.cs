using System.Globalization;
using SessionRecovery.Credits;
using SessionRecovery.Sessions;
using SessionRecovery.Sqlite.Tests;

// If only the database is named, the process opens the database and prints the result.
if (args.Length == 1)
{
    try
    {
        await using var opened = await StartedStore.StartAsync(args[0]);
        Console.Out.WriteLine("opened");
    }
    catch (InvalidOperationException exception)
    {
        Console.Out.WriteLine(exception.Message);
    }

    return;
}

// CrashTests kills this process. The process spends one credit after the other, and prints a line before each charge and after each
// acknowledgement. The process does not exit by itself.
var store = await StartedStore.StartAsync(args[0], configure: options => options.InitialCredits = 1_000_000);
var user = UserId.Create("ada");
await store.Credits.ApplyAsync(new CreditCommand.Initialize(user), CancellationToken.None);
await store.Credits.ApplyAsync(
    new CreditCommand.Reserve(user, 7, IdempotencyKey.Create(args[1] + "-host"), TimeSpan.FromHours(1)), CancellationToken.None);
await store.Credits.ApplyAsync(new CreditCommand.Reserve(
    user, 5, IdempotencyKey.Create(args[1] + "-leaseOwner"), TimeSpan.FromHours(1), leaseOwner: Guid.NewGuid()), CancellationToken.None);
for (var number = 0; ; number++)
{
    var key = string.Create(CultureInfo.InvariantCulture, $"{args[1]}-{number}");
    Console.Out.WriteLine("try " + key);
    Console.Out.Flush();
    var outcome = await store.Credits.ApplyAsync(new CreditCommand.Consume(user, 1, IdempotencyKey.Create(key)), CancellationToken.None);
    Console.Out.WriteLine(outcome is { Status: CreditCommandStatus.Done, Replayed: false } ? "ack " + key : "bad " + key);
    Console.Out.Flush();
}
