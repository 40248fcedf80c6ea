using System.Net.ServerSentEvents;
using System.Security.Claims;
using AiChat;
using Microsoft.AspNetCore.Authentication.BearerToken;
using Microsoft.Extensions.AI;

var builder = WebApplication.CreateBuilder(args);
var data = Directory.CreateDirectory(builder.Configuration["Data"] ?? "data");
builder.Services.AddAuthentication(BearerTokenDefaults.AuthenticationScheme).AddBearerToken();
builder.Services.AddSessionRecovery().UseSqlite($"Data Source={data.FullName}/credits.db").PersistDataProtectionKeys();

// Replace the scripted client by the client of a model.
builder.Services.AddHttpContextAccessor();
builder.Services.AddSingleton(new FractionTable($"Data Source={data.FullName}/fractions.db"));
builder.Services.AddChatClient(new ScriptedChatClient())
    .Use((model, services) => ActivatorUtilities.CreateInstance<CreditChatClient>(services, model));

var app = builder.Build();
app.MapSessionRecovery();

// Replace this endpoint by your own sign-in. This endpoint accepts every name without a password.
app.MapPost("/sign-in/{name}", (string name) => TypedResults.SignIn(
    new ClaimsPrincipal(new ClaimsIdentity([new Claim("sub", name)], BearerTokenDefaults.AuthenticationScheme)),
    authenticationScheme: BearerTokenDefaults.AuthenticationScheme));

// The highest possible price is reserved. The middleware of the chat client settles the actual price of the answer.
app.MapPost("/chat", async (HttpRequest request, IChatClient chat, CancellationToken token) =>
{
    using var body = new StreamReader(request.Body);
    var prompt = await body.ReadToEndAsync(token);
    var options = new ChatOptions { MaxOutputTokens = CreditChatClient.GetMaxTokens(request) };
    return TypedResults.ServerSentEvents(chat.GetStreamingResponseAsync(prompt, options, token).Select(update =>
        update.FinishReason is { } reason ? new SseItem<string>(reason.Value, "end") : new SseItem<string>(update.Text)));
}).RequireCredits(max: CreditChatClient.GetHighestPrice, options => options.Streaming = true);
app.Run();
