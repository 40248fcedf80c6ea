using System.Runtime.InteropServices;
using RestartDrill.Auditing;
using RestartDrill.Clients;
using RestartDrill.Points;
using RestartDrill.Points.Server;
using RestartDrill.Results;
using RestartDrill.Running;
using RestartDrill.Server;
using RestartDrill.Settings;
using RestartDrill.Stores;
using Spectre.Console;

if (args is [PointsServer.Mode, .. var serverArguments])
{
    return await PointsServer.RunAsync(serverArguments);
}

var arguments = Arguments.Parse(args, Random.Shared.Next());
if (arguments.Settings is not { } settings)
{
    (arguments.WantsHelp ? Console.Out : Console.Error).WriteLine(arguments.Message ?? Arguments.Help);
    return arguments.WantsHelp ? ExitCode.NothingLost : ExitCode.BadArguments;
}

if (settings.Audit is { } database)
{
    return await DatabaseAudit.RunAsync(database, settings.User, Console.Out, CancellationToken.None);
}

var time = TimeProvider.System;
using var interrupted = new CancellationTokenSource();
using var tooLong = new CancellationTokenSource(settings.TimeLimit, time);
using var stop = CancellationTokenSource.CreateLinkedTokenSource(interrupted.Token, tooLong.Token);
using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);

// The folder is created first because disposal runs in reverse order: the server must stop before its folder is deleted.
using var folder = new TemporaryFolder();
using var server = new StudioProcess(folder.Path, FreePort.Find());
var inFlight = new InFlight();
using var client = new StudioClient(server.Address, inFlight);
try
{
    if (settings.Points > 0)
    {
        return await RunPointsAsync();
    }

    if (settings.Deploys > 0)
    {
        return await DeployAsync();
    }

    await using IDrillStore store = settings.Supabase
        ? await SupabaseStore.CreateAsync(folder, stop.Token)
        : new EmbeddedStore(folder.Database);
    var drill = new Drill(settings, server, client, inFlight, store, time);
    var report = await new Screen(AnsiConsole.Console)
        .ShowAsync(settings, (showProgress, show) => drill.RunAsync(showProgress, show, stop.Token));
    return report.ExitCode;
}
catch (DrillException exception)
{
    Console.Error.WriteLine(exception.Message);
    return ExitCode.SomethingLost;
}
catch (OperationCanceledException) when (interrupted.IsCancellationRequested)
{
    Console.Error.WriteLine("Interrupted.");
    return ExitCode.Interrupted;
}
catch (OperationCanceledException) when (tooLong.IsCancellationRequested)
{
    Console.Error.WriteLine($"The drill was not done within {settings.TimeLimit}.");
    return ExitCode.SomethingLost;
}

async Task<int> RunPointsAsync()
{
    using var pointsServer = new StudioProcess(folder.Path, FreePort.Find(), ["RestartDrill.dll", PointsServer.Mode]);
    using var pointsClient = new StudioClient(pointsServer.Address, inFlight, timeout: TimeSpan.FromMinutes(1));
    await using IDrillStore store = settings.Supabase
        ? await SupabaseStore.CreateAsync(folder, stop.Token)
        : new EmbeddedStore(folder.Database);
    var drill = new PointsDrill(settings, pointsServer, pointsClient, store, time);
    var report = await new PointsScreen(AnsiConsole.Console).ShowAsync(settings, show => drill.RunAsync(show, stop.Token));
    return report.ExitCode;
}

async Task<int> DeployAsync()
{
    await using var proxy = await ReverseProxy.StartAsync(FreePort.Find(), time, stop.Token);
    using var second = new StudioProcess(folder.Path, FreePort.Find());
    using var proxyClient = new StudioClient(proxy.Address, inFlight);
    await using IDrillStore store = settings.Supabase
        ? await SupabaseStore.CreateAsync(folder, stop.Token)
        : new EmbeddedStore(folder.Database);
    var drill = new DeployDrill(settings, [server, second], proxy, proxyClient, inFlight, store, time);
    var report = await new DeployScreen(Console.Out).ShowAsync(settings, show => drill.RunAsync(show, stop.Token));
    return report.ExitCode;
}

void Stop(PosixSignalContext context)
{
    context.Cancel = true;
    interrupted.Cancel();
}
