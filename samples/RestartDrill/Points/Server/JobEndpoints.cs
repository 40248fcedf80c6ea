using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace RestartDrill.Points.Server;

/// <summary>
/// Maps the paid jobs of the server. Each run of a job returns a different response, so that the drill can recognize a stored response.
/// </summary>
internal static class JobEndpoints
{
    public const string Job = "/jobs";

    public const string Stream = "/streams";

    private const int Parts = 6;

    public static void MapJobs(this IEndpointRouteBuilder app)
    {
        app.MapPost(Job, RunAsync).RequireCredits(PointsServer.Price);
        app.MapPost(Stream, StreamAsync).RequireCredits(PointsServer.Price, static options => options.Streaming = true);
    }

    private static async Task<Results<ContentHttpResult, StatusCodeHttpResult>> RunAsync(HttpContext context, KillPoints points)
    {
        var key = context.Request.Headers["Idempotency-Key"].ToString();
        await points.StopAsync(KillPoint.Working);
        await (points.IsOnTheWayTo(KillPoint.TakenOver) ? points.WaitForOtherAsync(key) : points.OvertakeAsync(key));
        return points.IsOnTheWayTo(KillPoint.Releasing) || points.IsOnTheWayTo(KillPoint.Released)
            ? TypedResults.StatusCode(StatusCodes.Status500InternalServerError)
            : TypedResults.Text(Guid.NewGuid().ToString());
    }

    private static async Task StreamAsync(HttpContext context, KillPoints points)
    {
        var run = Guid.NewGuid();
        for (var part = 1; part <= Parts; part++)
        {
            await context.Response.WriteAsync(string.Create(CultureInfo.InvariantCulture, $"{run} {part}\n"), context.RequestAborted);
            await context.Response.Body.FlushAsync(context.RequestAborted);
            if (part == Parts / 2)
            {
                await points.StopAsync(KillPoint.Stream);
            }
        }
    }
}
