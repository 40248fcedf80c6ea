using AudioStudio.Accounts;
using AudioStudio.Page;
using AudioStudio.Settings;
using AudioStudio.Stores;
using AudioStudio.Supervision;
using AudioStudio.Waveforms;

var start = new StartUp(Console.Out, Console.Error);
try
{
    var builder = WebApplication.CreateBuilder(new WebApplicationOptions { Args = args, ContentRootPath = AppContext.BaseDirectory });
    var settings = StudioSettings.Read(builder.Configuration);
    if (settings.Supervise && !Lifeline.IsHeld)
    {
        return await Supervisor.RunAsync(args);
    }

    using var lifeline = Lifeline.TryOpen();
    var data = DataFolder.Prepare(settings.Data);

    builder.WebHost.UseUrls(settings.Urls);
    builder.Logging.AddStudioConsole(start);
    builder.Services.AddPage(settings.Supabase);
    if (settings.Supabase is { } project)
    {
        builder.Services.AddStudioOnSupabase(project, data);
    }
    else
    {
        builder.Services.AddAccounts(data);

        // With AddSessionRecovery and UseSqlite, sessions and credits survive a restart. The next two calls do the same for files and
        // Data Protection keys.
        builder.Services.AddSessionRecovery().UseSqlite(data.CreditsConnection)
            .AddLocalFiles(data.Uploads)
            .PersistDataProtectionKeys();
    }

    var app = builder.Build();
    app.UsePage();
    if (settings.Supabase is null)
    {
        app.MapAccounts();
    }

    // Maps the endpoints and the browser module of SessionRecovery.
    app.MapSessionRecovery();
    app.MapSessionRecoveryCredits("/api/users/credits");
    app.MapWaveforms();
    app.MapStudio(settings.Supabase);

    if (settings.Supabase is null)
    {
        await app.CreateAccountsAsync();
    }

    await app.StartAsync();
    lifeline?.Follow(app.Lifetime);
    start.Done(app.Urls, data, settings.Supabase);
    await app.WaitForShutdownAsync();
    return ExitCode.Stopped;
}
catch (Exception exception) when (!start.IsDone)
{
    return start.Refuse(exception);
}
