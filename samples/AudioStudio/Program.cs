using AudioStudio.Accounts;
using AudioStudio.Page;
using AudioStudio.Settings;
using AudioStudio.Supervision;
using AudioStudio.Waveforms;
using Microsoft.Data.Sqlite;

var start = new StartUp(Console.Out, Console.Error);
try
{
    var builder = WebApplication.CreateBuilder(new WebApplicationOptions { Args = args, ContentRootPath = AppContext.BaseDirectory });
    var settings = StudioSettings.Read(builder.Configuration);
    if (settings.Supervise && !Lifeline.IsHeld)
    {
        return await Supervisor.RunAsync(args);
    }

    using var lifeline = Lifeline.TakeIfHeld();
    var data = DataFolder.Prepare(settings.Data);

    builder.WebHost.UseUrls(settings.Urls);
    builder.Logging.AddStudioConsole(start);
    builder.Services.AddAccounts(data);
    builder.Services.AddPage();
    builder.Services
        .AddSessionRecovery()
        .UseSqlite(new SqliteConnectionStringBuilder { DataSource = data.Credits }.ToString())
        .AddFiles(data.Uploads);

    var app = builder.Build();
    app.UsePage();
    app.MapAccounts();
    app.MapSessionRecovery();
    app.MapCredits("/api/users/credits");
    app.MapWaveforms();
    app.MapStudio();

    await app.CreateAccountsAsync();
    await app.StartAsync();
    lifeline?.Follow(app.Lifetime);
    start.Done(app.Urls, data);
    await app.WaitForShutdownAsync();
    return ExitCode.Stopped;
}
catch (Exception exception) when (!start.IsDone)
{
    return start.Refuse(exception);
}
